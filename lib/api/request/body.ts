import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import { bodyOf } from "../../kuzzle/request";

/**
 * A list in the body of a request.
 *
 * @throws `batch.request.*` (400) when it is not there, or no list
 */
export function bodyList(request: KuzzleRequest, name: string): unknown[] {
  const value = bodyOf(request)[name];
  if (value === undefined || value === null) {
    throw batchError("batch.request.missing", { place: name });
  }
  if (!Array.isArray(value)) {
    throw batchError("batch.request.invalid", {
      place: name,
      expected: "an array",
    });
  }
  return value;
}
