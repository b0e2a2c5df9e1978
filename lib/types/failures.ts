/** Why an item failed, in words that a program can compare. @public */
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
 * - `status`: the HTTP status that the item alone would have had
 * - `retryable`: the same item may be sent again without risk and may then
 *   succeed
 *
 * @public
 */
export interface Failure {
  readonly status: number;
  readonly code: FailureCode;
  readonly reason: string;
  readonly retryable: boolean;
}
