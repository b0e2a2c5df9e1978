/** Documents as the engine keeps them, byte for byte, behind Kuzzle's back. */
import { elements, members } from "../../lib/storage/jsonText";
import { environment } from "./environment";

export interface StoredText {
  readonly text: string;
  readonly seqNo: number;
}

/** By realtime look-up; null where there is none. */
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
  const docs = elements(members(await response.text()).get("docs") ?? "[]");

  return new Map(
    docs.map((doc, i) => {
      const found = members(doc);
      const text = found.get("_source");

      return [
        ids[i] as string,
        text === undefined
          ? null
          : { text, seqNo: Number(found.get("_seq_no")) },
      ];
    }),
  );
}

/** As it is given, lines and large numbers included. */
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
