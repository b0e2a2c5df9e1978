import { KuzzleRequest } from "kuzzle";

import type { NativeAction } from "./access";

/**
 * The request as the native action would have had it for one collection: what
 * subscribers and pipes of native actions are used to see.
 */
export function twinRequest(
  request: KuzzleRequest,
  native: NativeAction,
  collection: string,
  body: object | null,
): KuzzleRequest {
  return new KuzzleRequest(
    {
      ...request.input.args,
      ...native,
      collection,
      body,
      requestId: request.id,
      timestamp: request.timestamp,
      volatile: request.input.volatile,
    },
    request.context,
  );
}
