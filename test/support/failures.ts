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

/** A failure of an item as the engine would have it. */
export function failureOf(
  code: FailureCode,
  status = STATUS[code],
  reason: string = code,
): Failure {
  return { status, code, reason, retryable: status === 429 || status === 503 };
}

/** The engine refused a whole call for too much load: it did nothing of it. */
export function refusedCall(): EngineError {
  return new EngineError(failureOf("rejected"), true);
}

/** The answer to a call that writes is lost: nobody knows what was done. */
export function lostCall(): EngineError {
  return new EngineError(failureOf("unknown_outcome"), false);
}

/**
 * The next bulk is sent twice and answered once, as the engine itself does when the
 * primary's node dies and a copy is promoted.
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
