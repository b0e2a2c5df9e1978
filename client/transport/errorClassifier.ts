/**
 * What it means that the SDK has rejected a request: was it executed, may it be
 * sent again. Read in kuzzle-sdk 7.17; `test/unit/client/verdict.test.ts` makes the real
 * protocols raise these.
 */

/**
 * - `unsent`: it never left, so sending it is safe
 * - `busy`: the server has refused it before doing anything, and may not next time
 * - `running`: its idempotency key is at work right now
 * - `token`: the session has ended; with a new one it may be sent
 * - `lost`: it left, and nobody knows more
 * - `abandoned`: the node that had the first request under its key is dead
 * - `refused`: the server has answered, and another time it would again
 */
export type Verdict =
  "unsent" | "busy" | "running" | "token" | "lost" | "abandoned" | "refused";

/** An error as Kuzzle answers it, as far as the SDK lets it through. */
export interface ServerError extends Error {
  readonly id: string;
  readonly status: number;
  readonly code?: number;
  readonly errors?: readonly Record<string, unknown>[];
}

const BY_ID: ReadonlyMap<string, Verdict> = new Map([
  ["api.process.overloaded", "busy"],
  ["api.process.too_many_requests", "busy"],
  ["api.process.shutting_down", "busy"],
  ["api.process.not_enough_nodes", "busy"],
  ["network.entrypoint.shutting_down", "busy"],
  ["network.websocket.ratelimit_exceeded", "busy"],
  ["batch.idempotency.in_progress", "running"],
  ["batch.idempotency.abandoned", "abandoned"],
  ["security.token.expired", "token"],
  ["security.token.invalid", "token"],
]);

/** The SDK raises these before anything leaves, or drops a request that waits to. */
const UNSENT = /^(?:Unable to execute request: not connected|Query aborted: )/;
const UNSENT_CODES: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** A mistake in how the SDK is set up, or a request that HTTP cannot take. */
const HOPELESS =
  /^(?:No URL found for|Missing URL param|Request query string is too large)/;

export function verdictOf(error: unknown): Verdict {
  if (isServerError(error)) {
    return BY_ID.get(error.id) ?? "refused";
  }
  const { message = "", code } = (error ?? {}) as {
    message?: string;
    code?: unknown;
  };
  if (UNSENT.test(message) || UNSENT_CODES.has(code)) {
    return "unsent";
  }
  return HOPELESS.test(message) ? "refused" : "lost";
}

export function isServerError(error: unknown): error is ServerError {
  const { status, id } = (error ?? {}) as Partial<ServerError>;
  return (
    error instanceof Error &&
    typeof status === "number" &&
    typeof id === "string"
  );
}

/** What becomes of the documents of a request that the server has answered with an error. */
export type Remainder = "done" | "nothing done" | "unknown";

const REMAINDERS: ReadonlyMap<string, Remainder> = new Map([
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
 * What is raised before anything is executed. Any other error may come from a pipe
 * of the application that runs behind the write.
 */
const BEFOREHAND =
  /^(?:batch\.(?:request|idempotency|write\.too_large)|security\.|services\.storage\.(?:unknown_|write_limit)|api\.|network\.)/;

/** Of those documents that the error's own list does not name. */
export function remainderOf(error: unknown): Remainder {
  if (!isServerError(error)) {
    return verdictOf(error) === "lost" ? "unknown" : "nothing done";
  }
  const known = REMAINDERS.get(error.id);
  if (known !== undefined) {
    return known;
  }
  if (verdictOf(error) === "busy") {
    return "nothing done";
  }
  return error.status < 500 && BEFOREHAND.test(error.id)
    ? "nothing done"
    : "unknown";
}

/** It tells what the first request under a key came to, not just this one. */
export function isOutcome(error: ServerError): boolean {
  return REMAINDERS.has(error.id);
}
