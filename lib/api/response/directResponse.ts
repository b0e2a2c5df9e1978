import type { KuzzleRequest } from "kuzzle";
import { upperFirst } from "lodash";

import { isPluginRequest } from "../../kuzzle/request";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";
import type { NativeEvents } from "../../kuzzle/nativeRequest";

/** How far a request of a client has come. */
const stages = new WeakMap<KuzzleRequest, "arrived" | "at its handler">();

/** To be run on `request:onAuthorized`, which only requests of clients come by. */
export async function noteArrival(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  if (isPluginRequest(request)) {
    stages.set(request, "arrived");
  }
  return request;
}

/** Before the handlers whose answers may be direct. */
export const LAST_EVENTS = ["BatchGet", "MWrite", "MUpdate"].map(
  (action) => `batch:before${action}`,
);

/** To be run on these events, as the last. */
export async function noteHandler(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  if (stages.has(request)) {
    stages.set(request, "at its handler");
  }
  return request;
}

/**
 * Whether an answer goes straight to the client.
 *
 * Not where a plugin runs a request that it has made of a client's, or in a pipe
 * the client's own: that is answered to the plugin. Not where a pipe or a hook of
 * the application waits for the answer, to look at it or to change it, or sees the
 * documents by the events of the native action: what it makes of them may be no
 * JSON. And not where a pipe has settled the format already.
 */
export function isDirect(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
  { after, genericAfter = after }: NativeEvents,
): boolean {
  const { controller, action } = request.input;
  return (
    stages.get(request) === "at its handler" &&
    [
      `${controller}:after${upperFirst(String(action))}`,
      "request:onSuccess",
      "request:afterExecution",
      after,
      genericAfter,
    ].every((event) => !kuzzle.hasListeners(event)) &&
    !request.response.raw
  );
}

const unchecked = new WeakSet<KuzzleRequest>();

/**
 * Kuzzle makes JSON of a plugin's result once more than it sends it, to see that
 * it can be done (tried: 2.56). With ours it can; so a direct answer is called raw
 * until Kuzzle has passed that point.
 *
 * To be called last, as all that makes an answer raw: see `bareAnswer`, whose
 * undoing holds for this too.
 */
export function directResponse<Answer extends object>(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
  native: NativeEvents,
  answer: Answer,
): Answer {
  if (isDirect(request, kuzzle, native)) {
    request.response.configure({ format: "raw" });
    unchecked.add(request);
  }
  return answer;
}

/** To be run on `request:onSuccess`, which comes after that point. */
export async function endDirectResponse(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  if (unchecked.delete(request)) {
    request.response.configure({ format: "standard" });
  }
  return request;
}
