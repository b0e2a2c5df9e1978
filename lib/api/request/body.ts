import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import { isTooDeep, tooDeepText } from "../../core/validation/items";
import { bodyOf } from "../../kuzzle/request";

/**
 * A list in the body of a request.
 *
 * @throws `batch.request.*` (400) when it is not there, or no list
 */
export function bodyList(request: KuzzleRequest, name: string): unknown[] {
  const { [name]: value, ...others } = bodyOf(request);
  if (value === undefined || value === null) {
    throw batchError("batch.request.missing", { place: name });
  }
  if (!Array.isArray(value)) {
    throw batchError("batch.request.invalid", {
      place: name,
      expected: "an array",
    });
  }
  for (const [place, other] of Object.entries(others)) {
    if (isTooDeep(other)) {
      throw batchError("batch.request.invalid", {
        place,
        expected: tooDeepText,
      });
    }
  }
  return value;
}
