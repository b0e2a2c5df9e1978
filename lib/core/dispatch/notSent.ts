import type { Failure } from "../../types";
import type { Outcome } from "../outcome";
import { EngineError } from "../ports/DocumentStore";

/** The outcome of items whose part waited longer than `maxQueueMs`. */
export const NOT_SENT: Failure = {
  status: 503,
  code: "rejected",
  reason:
    "Not sent: too many calls to Elasticsearch were waiting before this one (plugins.batch.maxQueueMs).",
  retryable: true,
};

/**
 * Makes a request fail as a whole if nothing of it could be sent. Otherwise each item
 * has its own outcome.
 *
 * @throws {EngineError}
 */
export function assertSent(
  outcomes: readonly (Outcome<unknown> | undefined)[],
): void {
  const isNothingSent =
    outcomes.length > 0 &&
    outcomes.every(
      (outcome) => outcome?.ok === false && outcome.failure === NOT_SENT,
    );
  if (isNothingSent) {
    throw new EngineError(NOT_SENT, false);
  }
}
