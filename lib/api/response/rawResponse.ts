import type { KuzzleRequest } from "kuzzle";

import type { ExecutionEnd } from "../../kuzzle/RawResponder";

import { isPluginRequest } from "../../kuzzle/request";

/**
 * Answers with an object as it is, without Kuzzle's envelope around it, on every
 * protocol. Over WebSocket Kuzzle adds `room` to it.
 *
 * To be called last: a raw answer of a request that failed is an empty body
 * over HTTP, and none at all over WebSocket (tried: 2.56).
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

/** Gives Kuzzle's envelope back to a request that failed after its handler. */
export function restoreEnvelope(end: ExecutionEnd): ExecutionEnd {
  const { request, success } = end;
  if (!success && isPluginRequest(request)) {
    request.response.configure({ format: "standard" });
  }
  return end;
}
