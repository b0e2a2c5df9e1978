/**
 * Classifies the error of a request: was the request executed, and may it be sent
 * again? Client and command share it. The SDK's errors were taken from the source of
 * kuzzle-sdk 7.17; `test/unit/client/errorClassifier.test.ts` makes its real protocols
 * raise them.
 */

/**
 * - `unsent`: the request was never sent, so sending it is safe
 * - `busy`: the server rejected it before doing anything, and may accept it later
 * - `running`: the first request under its idempotency key is still running
 * - `token`: the session has ended; the request may be sent in a new one
 * - `lost`: the request was sent, and it is unknown whether it was executed
 * - `abandoned`: the node that executed the first request under its key is dead
 * - `final`: the server answered, and would answer the same again
 */
export type ErrorClass =
  "unsent" | "busy" | "running" | "token" | "lost" | "abandoned" | "final";

/** An error of Kuzzle, as far as the SDK exposes it. */
export interface ServerError extends Error {
  /** empty if something in front of Kuzzle answered */
  readonly id: string;
  readonly status: number;
  readonly code?: number;
  readonly errors?: readonly Record<string, unknown>[];
}

const BY_ID: ReadonlyMap<string, ErrorClass> = new Map([
  ["api.process.overloaded", "busy"],
  ["api.process.too_many_requests", "busy"],
  ["api.process.shutting_down", "busy"],
  ["api.process.not_enough_nodes", "busy"],
  ["network.entrypoint.shutting_down", "busy"],
  ["network.websocket.ratelimit_exceeded", "busy"],
  ["batch.engine.unavailable", "busy"],
  ["batch.idempotency.in_progress", "running"],
  ["batch.idempotency.abandoned", "abandoned"],
  ["security.token.expired", "token"],
  ["security.token.invalid", "token"],
]);

/** A gateway, or Kuzzle behind it, failed: the request may have been executed. */
const LOST_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);
const TOO_MANY_REQUESTS = 429;

/** The SDK raises these before it sends anything, or when it drops a queued request. */
const UNSENT = /^(?:Unable to execute request: not connected|Query aborted: )/;
const UNSENT_CODES: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** The SDK is set up wrongly, or HTTP cannot carry the request. */
const HOPELESS =
  /^(?:No URL found for|Missing URL param|Request query string is too large)/;

export function classifyError(error: unknown): ErrorClass {
  if (isServerError(error)) {
    return classifyServerError(error);
  }
  const { message = "", code } = (error ?? {}) as {
    message?: string;
    code?: unknown;
  };
  if (UNSENT.test(message) || UNSENT_CODES.has(code)) {
    return "unsent";
  }
  return HOPELESS.test(message) ? "final" : "lost";
}

function classifyServerError({ id, status }: ServerError): ErrorClass {
  const known = BY_ID.get(id);
  if (known !== undefined) {
    return known;
  }
  if (status === TOO_MANY_REQUESTS) {
    return "busy";
  }
  return LOST_STATUSES.has(status) && !REST_OUTCOMES.has(id) ? "lost" : "final";
}

export function isServerError(error: unknown): error is ServerError {
  const { status, id } = (error ?? {}) as Partial<ServerError>;
  return (
    error instanceof Error &&
    typeof status === "number" &&
    typeof id === "string"
  );
}

/** One forbidden or unknown collection fails the whole request. */
export function isAboutOneCollection(error: unknown): boolean {
  return isServerError(error) && [401, 403, 412].includes(error.status);
}

/** The outcome of the documents of a request that the server answered with an error. */
export type RestOutcome = "done" | "nothing done" | "unknown";

const REST_OUTCOMES: ReadonlyMap<string, RestOutcome> = new Map([
  ["batch.write.incomplete", "done"],
  ["batch.update.incomplete", "done"],
  ["batch.write.refused", "nothing done"],
  ["batch.update.refused", "nothing done"],
  ["batch.write.rolled_back", "nothing done"],
  ["batch.write.rollback_incomplete", "nothing done"],
  ["batch.engine.unavailable", "nothing done"],
  ["batch.write.outcome_unknown", "unknown"],
  ["batch.idempotency.abandoned", "unknown"],
]);

/**
 * Errors raised before anything is executed. Any other error may come from a pipe of
 * the application that runs after the write.
 */
const BEFOREHAND =
  /^(?:batch\.(?:request|idempotency|write\.too_large)|security\.|services\.storage\.(?:unknown_|write_limit)|api\.|network\.)/;

/** The outcome of the documents that the error's own list does not name. */
export function restOutcome(error: unknown): RestOutcome {
  if (!isServerError(error)) {
    return classifyError(error) === "lost" ? "unknown" : "nothing done";
  }
  const known = REST_OUTCOMES.get(error.id);
  if (known !== undefined) {
    return known;
  }
  if (classifyError(error) === "busy") {
    return "nothing done";
  }
  return error.status < 500 && BEFOREHAND.test(error.id)
    ? "nothing done"
    : "unknown";
}

/** Whether an error reports what the first request under a key did, not just this one. */
export function isOutcome(error: unknown): boolean {
  return isServerError(error) && REST_OUTCOMES.has(error.id);
}
