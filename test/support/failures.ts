import {
  EngineError,
  type DocumentStore,
} from "../../lib/core/ports/DocumentStore";
import type { Failure, FailureCode } from "../../lib/types";

const STATUS: Record<FailureCode, number> = {
  invalid: 400,
  not_found: 404,
  forbidden: 403,
  version_conflict: 409,
  mapping: 400,
  rejected: 429,
  unavailable: 503,
  too_large: 413,
  unknown_outcome: 500,
  other: 500,
};

/** A failed item as the engine would report it. */
export function failureOf(
  code: FailureCode,
  status = STATUS[code],
  reason: string = code,
): Failure {
  return { status, code, reason, retryable: status === 429 || status === 503 };
}

/** The engine rejected a whole call because of load, and did nothing. */
export function refusedCall(): EngineError {
  return new EngineError(failureOf("rejected"), true);
}

/** The response to a write call is lost: what was done is unknown. */
export function lostCall(): EngineError {
  return new EngineError(failureOf("unknown_outcome"), false);
}

/**
 * The next bulk is executed twice and answered once, as the engine does if the primary's
 * node dies and a copy is promoted.
 */
export function failOver(store: DocumentStore, between?: () => void): void {
  const bulk = store.bulk.bind(store);
  store.bulk = async (...args) => {
    store.bulk = bulk;
    await bulk(...args);
    between?.();
    return bulk(...args);
  };
}
