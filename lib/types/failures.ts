/** Why an item failed, as a code that programs can compare. @public */
export type FailureCode =
  | "invalid"
  | "not_found"
  | "forbidden"
  | "version_conflict"
  | "mapping"
  | "rejected"
  | "unavailable"
  | "too_large"
  | "unknown_outcome"
  | "other";

/**
 * What went wrong with one item.
 *
 * - `status`: the HTTP status that the item would have had on its own
 * - `retryable`: the item can safely be sent again and may then succeed
 *
 * @public
 */
export interface Failure {
  readonly status: number;
  readonly code: FailureCode;
  readonly reason: string;
  readonly retryable: boolean;
}
