import type { Connection } from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { ServerGone } from "../connection/ReliableConnection";
import { Interrupted } from "../usage";
import { IdList } from "./IdList";
import type { SearchQuery } from "./query";
import { type Place, searchIds, SearchLost } from "./searchIds";

/** How often to restart a search that is lost. */
const MAX_SEARCHES = 5;

export interface ListReport {
  onFound(count: number): void;
  onNote(text: string): void;
}

/**
 * Writes the ids that a search finds to a file.
 *
 * @throws ServerGone if the search is lost repeatedly
 * @throws Interrupted at the signal
 */
export async function listIds(
  file: string,
  connection: Connection,
  reliable: ReliableConnection,
  job: {
    readonly place: Place;
    readonly search: SearchQuery;
    readonly maxPageIds: number;
  },
  report: ListReport,
  signal: AbortSignal,
): Promise<IdList> {
  const { place, search, maxPageIds } = job;
  for (let attempt = 1; ; attempt++) {
    try {
      const pages = searchIds(connection, reliable, place, search, maxPageIds);
      return await IdList.fill(file, untilAborted(pages, signal), (count) =>
        report.onFound(count),
      );
    } catch (error) {
      if (!(error instanceof SearchLost)) throw error;
      if (attempt === MAX_SEARCHES) {
        throw new ServerGone(`The search was lost: ${error.message}`);
      }
      report.onNote(`The search was lost (${error.message}). Searching again.`);
    }
  }
}

async function* untilAborted<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  for await (const item of items) {
    if (signal.aborted) throw new Interrupted();
    yield item;
  }
}
