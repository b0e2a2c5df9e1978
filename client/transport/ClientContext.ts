import type { Sdk, SdkRequest } from "./sdk";

import type { Clock } from "./clock";
import type { Connection } from "./Connection";
import type { RequestSender } from "./RequestSender";
import type { Limits } from "./Limits";
import { utf8Bytes } from "./split";

/** What the calls of one controller share. */
export interface ClientContext {
  /** its name in requests */
  readonly controller: string;
  readonly kuzzle: Sdk;
  readonly connection: Connection;
  readonly sender: RequestSender<SdkRequest>;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** Where nothing is said, a request carries one of these. */
const UUID = "00000000-0000-0000-0000-000000000000";

/** A token that is renewed on the way may be a little longer. */
const SLACK_BYTES = 256;

/**
 * To have the same documents cut into the same requests another day, whatever the
 * token: an idempotency key belongs to one request.
 */
const STEP_BYTES = 1024;

/**
 * Bytes of a request but for its documents, as the SDK will send it over WebSocket:
 * with its token and its volatile data. Over HTTP these are not counted, which costs
 * a few bytes of each request.
 */
export function envelopeBytes(
  { kuzzle }: ClientContext,
  request: SdkRequest,
): number {
  const sent = {
    ...request,
    requestId: UUID,
    volatile: {
      ...kuzzle.volatile,
      sdkInstanceId: UUID,
      sdkName: kuzzle.sdkName,
    },
    ...(kuzzle.jwt !== null && { jwt: kuzzle.jwt }),
  };
  const bytes = utf8Bytes(JSON.stringify(sent)) + SLACK_BYTES;
  return Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
}

/**
 * Arguments as every protocol takes them: over HTTP the SDK leaves out what is
 * false, and a flag that is not there has its default.
 */
export function argumentsOf(
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        typeof value === "boolean" ? String(value) : value,
      ]),
  );
}
