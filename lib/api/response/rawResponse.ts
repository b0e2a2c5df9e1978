import type { KuzzleRequest } from "kuzzle";

import type { ExecutionEnd } from "../../kuzzle/RawResponder";

import { isPluginRequest } from "../../kuzzle/request";

/**
 * Responds with an object as it is, without Kuzzle's envelope, on every protocol. Over
 * WebSocket, Kuzzle adds `room` to it.
 *
 * Must be called last: the raw response of a request that fails afterwards is an empty
 * body over HTTP, and is not sent at all over WebSocket (tried: 2.56).
 */
export function rawResponse<Answer extends object>(
  request: KuzzleRequest,
  answer: Answer,
  status = 200,
): Answer {
  request.response.configure({
    format: "raw",
    status,
    headers: { "Content-Type": "application/json" },
  });
  return answer;
}

/** Restores Kuzzle's envelope for a request that failed after its handler. */
export function restoreEnvelope(end: ExecutionEnd): ExecutionEnd {
  const { request, success } = end;
  if (!success && isPluginRequest(request)) {
    request.response.configure({ format: "standard" });
  }
  return end;
}
