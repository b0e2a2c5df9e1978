import { KuzzleRequest } from "kuzzle";

import { note, stateOf } from "./requestState";
import type { NativeAction } from "./rights/Access";

/** A native action, with the events that surround it. */
export interface NativeEvents extends NativeAction {
  /** on the request; the last to run before, the first to run after */
  readonly before: string;
  readonly after: string;
  /** on the documents; `bulk` has none */
  readonly genericBefore?: string;
  readonly genericAfter?: string;
}

/** Whether a request is one of ours, made for the events of a native action. */
export function isNativeRequest(request: KuzzleRequest): boolean {
  return stateOf(request).isNative === true;
}

/**
 * The request as the native action would have had it for one collection: what
 * subscribers and pipes of native actions are used to see.
 */
export function newNativeRequest(
  request: KuzzleRequest,
  { controller, action }: NativeAction,
  collection: string,
  body: object | null,
): KuzzleRequest {
  const nativeRequest = new KuzzleRequest(
    {
      ...request.input.args,
      controller,
      action,
      collection,
      body,
      requestId: request.id,
      timestamp: request.timestamp,
      volatile: request.input.volatile,
    },
    request.context,
  );
  note(nativeRequest, { isNative: true });
  return nativeRequest;
}
