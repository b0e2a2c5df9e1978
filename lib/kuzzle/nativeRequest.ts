import { KuzzleRequest } from "kuzzle";

import { note, stateOf } from "./requestState";
import type { NativeAction } from "./rights/Access";

/** A native action, with the events that surround it. */
export interface NativeEvents extends NativeAction {
  /** events with the request: the closest to the action on either side */
  readonly before: string;
  readonly after: string;
  /** events with the documents; `bulk` has none */
  readonly genericBefore?: string;
  readonly genericAfter?: string;
}

/** Whether the plugin made this request for the events of a native action. */
export function isNativeRequest(request: KuzzleRequest): boolean {
  return stateOf(request).isNative === true;
}

/**
 * The request that the native action would have had for one collection: the one that
 * subscribers and pipes of native actions expect.
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
