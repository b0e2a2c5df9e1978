import type { Failure } from "../../types";
import type { Outcome } from "../outcome";
import { EngineError } from "../ports/DocumentStore";

/** What becomes of the items of a part that has waited for longer than `maxQueueMs`. */
export const NOT_SENT: Failure = {
  status: 503,
  code: "rejected",
  reason:
    "Not sent: too many calls to Elasticsearch were waiting before this one (plugins.batch.maxQueueMs).",
  retryable: true,
};

/**
 * A request of which nothing could be sent fails as a whole: where a part of it was,
 * each item tells for itself.
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
