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

/** Stands in for the ids that the SDK generates, which have this length. */
const UUID = "00000000-0000-0000-0000-000000000000";

/** A token that is renewed during the call may be slightly longer. */
const SLACK_BYTES = 256;

/**
 * Rounds sizes up, so that the same documents are split into the same requests on
 * another day, whatever the length of the token: an idempotency key belongs to one
 * request.
 */
const STEP_BYTES = 1024;

/**
 * Bytes of a request without its documents, as the SDK sends it over WebSocket: with
 * its token and its volatile data. Over HTTP these do not count, so each request could
 * be a few bytes larger.
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
 * Arguments in a form that every protocol accepts: over HTTP the SDK drops false
 * values, and a missing flag has its default.
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
