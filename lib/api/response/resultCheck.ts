import type { KuzzleRequest } from "kuzzle";
import { upperFirst } from "lodash";

import { RawSource } from "../../core/RawSource";
import { asksForText, withTexts } from "./asText";
import { parsedWhenSeen } from "./parsedWhenSeen";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";
import type { NativeEvents } from "../../kuzzle/nativeRequest";
import { note, stateOf } from "../../kuzzle/requestState";

/**
 * Whether documents may be sent to the client as they are. They may not when:
 *
 * - a plugin runs a request derived from the client's, or the client's own request in a
 *   pipe: the response goes to the plugin
 * - pipes or hooks of the application see the documents through the events of the
 *   native action: what they return may not be JSON
 * - a pipe has already chosen the format
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
 * Whether, in addition, no pipe or hook of the application waits for the response to
 * read or change it.
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
 * Kuzzle serializes a plugin's result an extra time, only to check that it can be
 * serialized (tried: 2.56). Ours always can, so a response that only the client
 * receives is marked raw until Kuzzle has made that check.
 *
 * Must be called last, as everything that makes a response raw: see `rawResponse`,
 * whose `restoreEnvelope` applies here too.
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

/** Replaces the entries of a response's lists. */
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

/** For a plugin that receives the response. */
function parsed<Entry>(entry: Entry): Entry {
  const { _source } = (entry ?? {}) as { _source?: unknown };
  return _source instanceof RawSource
    ? { ...entry, _source: _source.parse() }
    : entry;
}

/** Must run on `request:onSuccess`, which comes after Kuzzle's check. */
export function endResultCheck(request: KuzzleRequest): KuzzleRequest {
  if (stateOf(request).skipsResultCheck === true) {
    request.response.configure({ format: "standard" });
    note(request, { skipsResultCheck: false });
  }
  return request;
}
