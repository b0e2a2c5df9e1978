/** Documents as the engine stores them, byte for byte, bypassing Kuzzle. */
import { readMultiGet } from "../../lib/elasticsearch/multiGetAnswer";
import { RawSource } from "../../lib/core/RawSource";
import { environment } from "./environment";

export interface StoredText {
  readonly text: string;
  readonly version: number;
  readonly seqNo: number;
}

/** Read in real time; null for those that do not exist. */
export async function storedTexts(
  alias: string,
  ids: readonly string[],
): Promise<Map<string, StoredText | null>> {
  const url = new URL(`/${alias}/_mget`, environment.elasticsearchUrl);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ids }),
  });
  const outcomes = readMultiGet(
    Buffer.from(await response.arrayBuffer()),
    ids.map((_id) => ({ collection: alias, _id })),
  );

  return new Map(
    outcomes.map((outcome, i) => {
      const found = outcome.ok ? outcome.value : null;

      return [
        ids[i] as string,
        found?._source instanceof RawSource
          ? {
              text: found._source.toString(),
              version: found._version,
              seqNo: found._seq_no,
            }
          : null,
      ];
    }),
  );
}

/** Unchanged, including line breaks and large numbers. */
export async function storeText(
  alias: string,
  id: string,
  text: string,
): Promise<void> {
  const url = new URL(`/${alias}/_doc/${id}`, environment.elasticsearchUrl);

  await fetch(url, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: text,
  });
}
