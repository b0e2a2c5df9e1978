import {
  ApiError,
  type Connection,
  ConnectionLost,
} from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import type { SearchQuery } from "./query";

/** A collection to search in. */
export interface Place {
  readonly index: string;
  readonly collection: string;
}

/** The search was lost: its results so far cannot be used. */
export class SearchLost extends Error {}

/** A larger page exceeds Elasticsearch's default limit and is an error. */
const PAGE_IDS = 10_000;
/** How long Elasticsearch keeps the search open between two pages. */
const OPEN_FOR = "1m";

const SEARCH = {
  controller: "document",
  action: "search",
  http: { method: "POST", path: "/:index/:collection/_search" },
} as const;

const SCROLL = {
  controller: "document",
  action: "scroll",
  http: { method: "GET", path: "/_scroll/:scrollId" },
} as const;

interface Page {
  readonly hits: ReadonlyArray<{ readonly _id: string }>;
  readonly total: number;
  readonly scrollId?: string;
}

/**
 * The ids of the documents that match a query at one point in time: later writes are
 * not seen.
 *
 * @throws SearchLost if a page was lost, because it cannot be requested again
 * @throws ApiError if Kuzzle rejects the search
 */
export async function* searchIds(
  connection: Connection,
  reliable: ReliableConnection,
  { index, collection }: Place,
  { query, lang, sort }: SearchQuery,
  maxPageIds: number,
): AsyncGenerator<readonly string[]> {
  const body = { query, sort: sort ?? ["_doc"], _source: false };
  const size = Math.min(PAGE_IDS, maxPageIds);
  let page = (await reliable.call({
    ...SEARCH,
    ...{ index, collection },
    args: { size, scroll: OPEN_FOR, lang },
    body: Buffer.from(JSON.stringify(body)),
  })) as Page;
  const { total } = page;
  let found = 0;
  for (;;) {
    found += page.hits.length;
    if (page.hits.length > 0) yield page.hits.map(({ _id }) => _id);
    if (found >= total) return;
    const { scrollId } = page;
    if (page.hits.length === 0 || scrollId === undefined) {
      throw new SearchLost(`${found} of ${total} ids were found`);
    }
    page = await nextPage(connection, scrollId);
  }
}

/** Not retried: a retry would return the page after it. */
async function nextPage(
  connection: Connection,
  scrollId: string,
): Promise<Page> {
  try {
    const args = { scrollId, scroll: OPEN_FOR };
    return (await connection.call({ ...SCROLL, args })) as Page;
  } catch (error) {
    const isLost =
      error instanceof ConnectionLost ||
      (error instanceof ApiError && ![401, 403].includes(error.status));
    throw isLost ? new SearchLost(error.message) : error;
  }
}
