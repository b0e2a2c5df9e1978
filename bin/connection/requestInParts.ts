import type { ApiError } from "./connection";

/** The outcome of some of the items of a request. */
export type Part<Item, Result> =
  | { readonly items: readonly Item[]; readonly result: Result }
  | { readonly items: readonly [Item]; readonly error: ApiError };

/** How many requests of one list may fail as a whole. */
const MAX_FAILED_REQUESTS = 60;

/**
 * Sends items in one request. If one of them may have made the whole request fail,
 * sends them in halves until that item is found and the others are done.
 *
 * @param isAboutOneItem whether an error may come from a single item
 * @returns the parts in the order of the items
 * @throws any other error, or the last one if too many requests fail
 */
export async function requestInParts<Item, Result>(
  items: readonly Item[],
  send: (items: readonly Item[]) => Promise<Result>,
  isAboutOneItem: (error: unknown, items: readonly Item[]) => error is ApiError,
): Promise<Part<Item, Result>[]> {
  let failedRequests = 0;
  return sendPart(items);

  async function sendPart(
    part: readonly Item[],
  ): Promise<Part<Item, Result>[]> {
    try {
      return [{ items: part, result: await send(part) }];
    } catch (error) {
      failedRequests += 1;
      if (
        !isAboutOneItem(error, part) ||
        failedRequests > MAX_FAILED_REQUESTS
      ) {
        throw error;
      }
      const [first] = part;
      if (part.length === 1 && first !== undefined) {
        return [{ items: [first], error }];
      }
      const half = Math.ceil(part.length / 2);
      return [
        ...(await sendPart(part.slice(0, half))),
        ...(await sendPart(part.slice(half))),
      ];
    }
  }
}
