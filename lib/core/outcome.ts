import type { Failure } from "../types";

/** What became of one item: its value, or why there is none. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** An outcome that is final, with the number of times the item was sent. */
export type ItemResult<Value> = Outcome<Value> & { readonly attempts: number };

/** Of a document that the request names and a pipe took out of the batch. */
export const REMOVED_BY_PIPE: Failure = {
  status: 403,
  code: "forbidden",
  reason: "A pipe of the application removed the document.",
  retryable: false,
};

/** As Elasticsearch takes comments; what it holds can't be passed on as JSON. */
export const NOT_JSON: Failure = {
  status: 500,
  code: "other",
  reason: "What is stored is not JSON: another program wrote the document.",
  retryable: false,
};
