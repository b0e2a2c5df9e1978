/** Direct access to the engine: for another writer, and for the journals. */
import { askEngine, tellEngine } from "../../../features/support/engine";
import { environment } from "../../../features/support/environment";
import { until } from "../until";
import { INDEX } from "./targets";
import type { Journal } from "../../../lib/core/ports/JournalStore";

const JOURNALS = encodeURIComponent("@%plugin-batch.journals");
const RECOVERY_MS = 40_000;

/** @returns the change's sequence number, which orders all changes */
export async function writeForeign(
  alias: string,
  id: string,
  text: string | null,
): Promise<number> {
  const url = new URL(`/${alias}/_doc/${id}`, environment.elasticsearchUrl);
  const response = await fetch(url, {
    method: text === null ? "DELETE" : "PUT",
    headers: { "content-type": "application/json" },
    ...(text !== null && { body: text }),
  });
  return ((await response.json()) as { _seq_no: number })._seq_no;
}

export function pendingJournals(): Promise<number> {
  return countJournals({ terms: { state: ["pending", "rolling_back"] } });
}

/** Including those of finished batches, which are kept for a while. */
export async function countJournals(
  query: object = { match_all: {} },
): Promise<number> {
  await tellEngine("POST", `/${JOURNALS}/_refresh`);
  const { body } = await askEngine("POST", `/${JOURNALS}/_count`, { query });
  return Number(body["count"]);
}

/** @throws if a journal stays pending for longer than its recovery may take */
export function untilNothingIsPending(): Promise<void> {
  return untilRecovered(async () => (await pendingJournals()) === 0);
}

/**
 * The journal of the batch with this document, if there is one, ignoring all others.
 *
 * @throws as `untilNothingIsPending`
 */
export function untilDecided(id: string): Promise<void> {
  return untilRecovered(async () => {
    const { state } = (await journalWith(id)) ?? {};
    return state !== "pending" && state !== "rolling_back";
  });
}

/** @param isDone may throw, because a shard may have no primary yet */
function untilRecovered(isDone: () => Promise<boolean>): Promise<void> {
  return until(
    "a journal stays pending",
    () => isDone().catch(() => false),
    RECOVERY_MS,
  );
}

/** The current journal of the batch with this document. */
export async function journalWith(id: string): Promise<Journal | undefined> {
  await tellEngine("POST", `/${JOURNALS}/_refresh`);
  const { body } = await askEngine("POST", `/${JOURNALS}/_search`, {
    size: 200,
    query: { term: { index: INDEX } },
    sort: [{ createdAt: "desc" }],
  });
  const { hits } = body["hits"] as { hits: Array<{ _source: Journal }> };
  return hits
    .map(({ _source }) => _source)
    .find(({ entries }) => entries.some(({ _id }) => _id === id));
}
