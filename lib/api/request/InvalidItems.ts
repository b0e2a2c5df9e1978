import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";
import type { Failure } from "../../types";
import type { ValidationError } from "../../core/commands";

/** The malformed items of a request: the first ones, and the total number. */
export class InvalidItems<Asked> {
  readonly first: ValidationError<Asked>[] = [];
  private count = 0;

  /** @param asked the item in a form that can be returned to the caller */
  add(position: number, failure: Failure, asked: () => Asked): void {
    this.count++;
    if (this.count <= REQUEST_LIMITS.invalidItems.value) {
      this.first.push({ position, asked: asked(), failure });
    }
  }

  /**
   * This many errors are no longer slips in single documents, and a response that
   * listed all of them could be a hundred times as large as the request.
   *
   * @param toEntry turns an item into the part of an `errors` entry that identifies it
   * @throws `batch.request.too_many_invalid` (400) with the first of them
   */
  assertFew(requested: number, toEntry: (asked: Asked) => object): void {
    const { count, first } = this;
    if (count === first.length) {
      return;
    }
    throw batchError(
      "batch.request.too_many_invalid",
      { count, requested, shown: first.length },
      first.map(({ asked, position, failure }) => ({
        ...toEntry(asked),
        position,
        ...failure,
      })),
      { count },
    );
  }
}
