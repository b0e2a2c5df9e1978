import type { Failure } from "../../types";

/** Why each document of a batch was not written, by position. */
export interface Reasons {
  readonly failures: readonly Failure[];
  /** how many documents made the batch fail */
  readonly causeCount: number;
  /** the batch failed because of the engine, not because of a document */
  readonly byEngine: boolean;
}

/**
 * For a batch that left nothing behind: the documents that made it fail get their own
 * reasons, the others get the batch's.
 */
export function reasonsOf(causes: ReadonlyArray<Failure | undefined>): Reasons {
  const known = causes.filter((failure) => failure !== undefined);
  const byEngine = known.every(({ code }) => ENGINE_CODES.has(code));
  const sibling = { ...SIBLING, status: byEngine ? 503 : 409 };
  return {
    failures: causes.map(
      (failure) => failure ?? (known.length === 0 ? TAKEN_OVER : sibling),
    ),
    causeCount: known.length,
    byEngine,
  };
}

const ENGINE_CODES: ReadonlySet<Failure["code"]> = new Set([
  "rejected",
  "unavailable",
  "unknown_outcome",
]);

export const SIBLING: Failure = {
  status: 409,
  code: "other",
  reason:
    "Not written, or restored: the batch failed because of other documents.",
  retryable: true,
};

/** The node was delayed past its lease, or its journal is gone. */
export const TAKEN_OVER: Failure = unavailable(
  "The batch was delayed for so long that another node has rolled it back.",
);

export const HELD_UP: Failure = unavailable(
  "Not sent: the batch was delayed for too long.",
);

/** The batch conflicted with its own first write, see `WriteStatus`. */
export const FAILED_OVER: Failure = unavailable(
  "Elasticsearch failed over to another copy during the batch: the document is restored.",
);

export const MODIFIED: Failure = {
  status: 409,
  code: "version_conflict",
  reason:
    "The document was modified concurrently after the batch wrote it, or may have written it, and is left as it is.",
  retryable: false,
};

export const UNKNOWN: Failure = {
  status: 500,
  code: "unknown_outcome",
  reason: "Recovery will decide whether the batch is kept or rolled back.",
  retryable: false,
};

export const MISSING: Failure = {
  status: 404,
  code: "not_found",
  reason: "There is no such document.",
  retryable: false,
};

export function conflict(reason: string): Failure {
  return { status: 409, code: "version_conflict", reason, retryable: false };
}

export function unavailable(reason: string): Failure {
  return { status: 503, code: "unavailable", reason, retryable: true };
}
