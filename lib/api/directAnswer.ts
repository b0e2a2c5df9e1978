import type { KuzzleRequest } from "kuzzle";
import { upperFirst } from "lodash";

import { isOurs } from "./bareAnswer";
import type { KuzzleServices } from "./services";

const arrived = new WeakSet<KuzzleRequest>();

/**
 * To be run on `request:onAuthorized`, which only requests of clients come by: one
 * that a plugin has made of them, and runs by itself, is answered to that plugin,
 * though it says to be of the same protocol.
 */
export async function noteArrival(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  if (isOurs(request)) {
    arrived.add(request);
  }
  return request;
}

/**
 * Whether an answer goes straight to the client: no pipe or hook of the
 * application waits for it, to look at it or to change it, or has settled its
 * format already.
 */
export function isDirect(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
): boolean {
  const { controller, action } = request.input;
  return (
    arrived.has(request) &&
    [
      `${controller}:after${upperFirst(String(action))}`,
      "request:onSuccess",
      "request:afterExecution",
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
export function directAnswer<Answer extends object>(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
  answer: Answer,
): Answer {
  if (isDirect(request, kuzzle)) {
    request.response.configure({ format: "raw" });
    unchecked.add(request);
  }
  return answer;
}

/** To be run on `request:onSuccess`, which comes after that point. */
export async function endDirectAnswer(
  request: KuzzleRequest,
): Promise<KuzzleRequest> {
  if (unchecked.delete(request)) {
    request.response.configure({ format: "standard" });
  }
  return request;
}
