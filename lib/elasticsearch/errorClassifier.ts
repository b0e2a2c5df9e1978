import type { Failure, FailureCode } from "../types";
import { EngineError } from "../core/ports/DocumentStore";

/**
 * Maps the engine's error types to ours. Nothing else depends on them; messages are
 * passed on, never parsed.
 *
 * Source: Elasticsearch's exception classes, as named in `error.type`.
 */
const BY_TYPE: Record<string, { code: FailureCode; status: number }> = {
  version_conflict_engine_exception: { code: "version_conflict", status: 409 },
  document_missing_exception: { code: "not_found", status: 404 },

  mapper_parsing_exception: { code: "mapping", status: 400 },
  document_parsing_exception: { code: "mapping", status: 400 },
  strict_dynamic_mapping_exception: { code: "mapping", status: 400 },

  illegal_argument_exception: { code: "invalid", status: 400 },
  action_request_validation_exception: { code: "invalid", status: 400 },

  es_rejected_execution_exception: { code: "rejected", status: 429 },
  circuit_breaking_exception: { code: "rejected", status: 429 },

  unavailable_shards_exception: { code: "unavailable", status: 503 },
  no_shard_available_action_exception: { code: "unavailable", status: 503 },
  process_cluster_event_timeout_exception: { code: "unavailable", status: 503 },
  cluster_block_exception: { code: "unavailable", status: 503 },
  // neither recovers by itself
  index_closed_exception: { code: "unavailable", status: 400 },
  index_not_found_exception: { code: "unavailable", status: 404 },
};

/** The node that held the shard was lost during the operation. */
const LOST_NODE_TYPES = new Set([
  "node_disconnected_exception",
  "node_not_connected_exception",
  "node_closed_exception",
  "connect_transport_exception",
  "receive_timeout_transport_exception",
]);

export type CallKind = "read" | "write";

/** An error of one item, or of a whole call, as the engine reports it. */
export interface EngineCause {
  readonly type?: string;
  readonly reason?: string;
}

/**
 * @param status the item's own, if the engine gives one
 * @param retriableConflict the item has no condition, so a conflict is temporary
 */
export function itemFailure(
  cause: EngineCause,
  status: number | undefined,
  kind: CallKind,
  retriableConflict: boolean,
): Failure {
  const reason = cause.reason ?? "Elasticsearch gave no reason.";
  if (LOST_NODE_TYPES.has(cause.type ?? "")) {
    return lostAnswer(reason, kind);
  }
  const known = BY_TYPE[cause.type ?? ""];
  const finalStatus = status ?? known?.status ?? 500;
  if (finalStatus === 503 && kind === "write") {
    // the engine itself resends a write when a node is lost: this may be the response
    // to the second attempt
    return { ...lostAnswer(reason, kind), status: 503 };
  }
  const code = known?.code ?? codeOfStatus(finalStatus);

  return {
    status: finalStatus,
    code,
    reason,
    retryable:
      code === "version_conflict"
        ? retriableConflict
        : finalStatus === 429 || finalStatus === 503,
  };
}

function codeOfStatus(status: number): FailureCode {
  switch (status) {
    case 400:
      return "invalid";
    case 413:
      return "too_large";
    case 429:
      return "rejected";
    case 503:
      return "unavailable";
    default:
      return "other";
  }
}

/** Errors of the client itself, which the engine has nothing to do with. */
const PROGRAMMING_ERRORS = new Set([
  "ConfigurationError",
  "SerializationError",
]);

/**
 * What a call that failed as a whole means for each of its items.
 *
 * @throws the error itself if it does not come from the engine
 */
export function callFailure(error: unknown, kind: CallKind): EngineError {
  if (error instanceof EngineError) {
    return error;
  }
  if (!(error instanceof Error) || PROGRAMMING_ERRORS.has(error.name)) {
    throw error;
  }
  const { name } = error;
  if (name === "NoLivingConnectionsError") {
    return new EngineError(
      unavailable("The connection to Elasticsearch failed."),
      false,
    );
  }
  if (LOST_ANSWERS.test(name)) {
    return new EngineError(
      lostAnswer("The response from Elasticsearch was lost.", kind),
      false,
    );
  }
  throw error;
}

/** A response that did not arrive completely. */
export class BrokenAnswer extends Error {
  override readonly name = "BrokenAnswer";
}

/** Error names for a lost response: the clients', ours, and that of invalid JSON. */
const LOST_ANSWERS =
  /^((Connection|Timeout|RequestAborted)Error|BrokenAnswer|SyntaxError)$/;

/** What a response with a status of 400 or above means for the items of its call. */
export function responseFailure(
  status: number,
  body: unknown,
  kind: CallKind,
): EngineError {
  const cause = causeOf(body);
  if (status >= 500) {
    return new EngineError(
      lostAnswer(
        cause.reason ?? `Elasticsearch responded with status ${status}.`,
        kind,
      ),
      false,
    );
  }
  return new EngineError(
    itemFailure(cause, status, kind, false),
    status === 429,
  );
}

function causeOf(body: unknown): EngineCause {
  const error = (body as { error?: unknown } | null | undefined)?.error;
  return typeof error === "object" && error !== null ? error : {};
}

/** Nothing was read, but what was to be written may still be written. */
function lostAnswer(reason: string, kind: CallKind): Failure {
  return kind === "read"
    ? unavailable(reason)
    : { status: 500, code: "unknown_outcome", reason, retryable: false };
}

function unavailable(reason: string): Failure {
  return { status: 503, code: "unavailable", reason, retryable: true };
}
