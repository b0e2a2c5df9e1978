import type { Failure } from "../types";

/** The outcome of one item: its value, or the reason why there is none. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** A final outcome, with the number of times the item was sent. */
export type ItemResult<Value> = Outcome<Value> & { readonly attempts: number };

/** For a document that the request names and a pipe removed from the batch. */
export const REMOVED_BY_PIPE: Failure = {
  status: 403,
  code: "forbidden",
  reason: "A pipe of the application removed the document.",
  retryable: false,
};

/** Elasticsearch accepts comments, but such a source can't be passed on as JSON. */
export const NOT_JSON: Failure = {
  status: 500,
  code: "other",
  reason: "The stored source is not JSON: another program wrote the document.",
  retryable: false,
};
