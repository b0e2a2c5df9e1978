import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";
import type { Failure } from "../../types";
import type { ValidationError } from "../../core/commands";

/** The malformed items of a request: the first ones, and how many there are. */
export class InvalidItems<Asked> {
  readonly first: ValidationError<Asked>[] = [];
  private count = 0;

  /** @param asked the item as it may be answered */
  add(position: number, failure: Failure, asked: () => Asked): void {
    this.count++;
    if (this.count <= REQUEST_LIMITS.invalidItems.value) {
      this.first.push({ position, asked: asked(), failure });
    }
  }

  /**
   * So many errors are no slips of single documents any more, and an answer that
   * had each of them could be a hundred times as large as the request.
   *
   * @param toEntry how an entry of `errors` says which item it is
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
