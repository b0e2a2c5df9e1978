import type { KuzzleRequest } from "kuzzle";
import { upperFirst } from "lodash";

import { RawSource } from "../../core/RawSource";
import { asksForText, withTexts } from "./asText";
import { parsedWhenSeen } from "./parsedWhenSeen";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";
import type { NativeEvents } from "../../kuzzle/nativeRequest";
import { note, stateOf } from "../../kuzzle/requestState";

/**
 * Whether documents may be sent to the client as they are.
 *
 * Not where a plugin runs a request that it has made of a client's, or in a pipe
 * the client's own: that is answered to the plugin. Not where pipes and hooks of the
 * application see the documents by the events of the native action: what they make of
 * them may be no JSON. And not where a pipe has chosen the format already.
 */
export function mayAnswerRaw(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
  natives: readonly NativeEvents[],
): boolean {
  return (
    stateOf(request).stage === "at its handler" &&
    natives.every(
      ({ after, genericAfter = after }) =>
        !kuzzle.hasListeners(after) && !kuzzle.hasListeners(genericAfter),
    ) &&
    kuzzle.canAnswerRaw(request) &&
    !request.response.raw
  );
}

/**
 * Whether, on top of that, no pipe or hook of the application waits for the answer,
 * to look at it or to change it.
 */
export function isOnlyForClient(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
  natives: readonly NativeEvents[],
): boolean {
  const { controller, action } = request.input;
  return (
    mayAnswerRaw(request, kuzzle, natives) &&
    [
      `${controller}:after${upperFirst(String(action))}`,
      "request:onSuccess",
      "request:afterExecution",
    ].every((event) => !kuzzle.hasListeners(event))
  );
}

/**
 * Kuzzle makes JSON of a plugin's result once more than it sends it, to see that
 * it can be done (tried: 2.56). With ours it can; so an answer that only the client
 * gets is called raw until Kuzzle has passed that point.
 *
 * To be called last, as all that makes an answer raw: see `rawResponse`, whose
 * `restoreEnvelope` holds for this too.
 */
export function skipResultCheck<Answer extends object>(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
  natives: readonly NativeEvents[],
  answer: Answer,
): Answer {
  if (asksForText(request)) {
    answer = withTexts(answer, kuzzle, natives);
  }
  if (!mayAnswerRaw(request, kuzzle, natives)) {
    return withEntries(answer, parsed);
  }
  kuzzle.answerRaw(request);
  if (!isOnlyForClient(request, kuzzle, natives)) {
    return withEntries(answer, parsedWhenSeen);
  }
  request.response.configure({ format: "raw" });
  note(request, { skipsResultCheck: true });
  return answer;
}

/** Puts others in the place of the entries of an answer's lists. */
function withEntries<Answer extends object>(
  answer: Answer,
  show: (entry: unknown) => unknown,
): Answer {
  for (const list of Object.values(answer)) {
    if (Array.isArray(list)) {
      list.forEach((entry: unknown, i) => {
        list[i] = show(entry);
      });
    }
  }
  return answer;
}

/** For a plugin that is given the answer. */
function parsed<Entry>(entry: Entry): Entry {
  const { _source } = (entry ?? {}) as { _source?: unknown };
  return _source instanceof RawSource
    ? { ...entry, _source: _source.parse() }
    : entry;
}

/** To be run on `request:onSuccess`, which comes after that point. */
export function endResultCheck(request: KuzzleRequest): KuzzleRequest {
  if (stateOf(request).skipsResultCheck === true) {
    request.response.configure({ format: "standard" });
    note(request, { skipsResultCheck: false });
  }
  return request;
}
