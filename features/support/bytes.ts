/** Documents as the engine keeps them, byte for byte, behind Kuzzle's back. */
import { readMultiGet } from "../../lib/storage/multiGet";
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
  const outcomes = readMultiGet(
    Buffer.from(await response.arrayBuffer()),
    ids.map((_id) => ({ collection: alias, _id })),
  );

  return new Map(
    outcomes.map((outcome, i) => {
      const found = outcome.ok ? outcome.value : null;

      return [
        ids[i] as string,
        found && { text: String(found._source), seqNo: found._seq_no },
      ];
    }),
  );
}

function membersOf(json: Buffer): Map<string, Buffer> {
  const members = new Map<string, Buffer>();

  eachMember(json, 0, (nameStart, valueStart) => {
    const name = json.toString("utf8", nameStart, endOfValue(json, nameStart));
    const end = endOfValue(json, valueStart);

    members.set(JSON.parse(name) as string, json.subarray(valueStart, end));

    return end;
  });

  return members;
}

function elementsOf(json: Buffer): Buffer[] {
  const elements: Buffer[] = [];

  eachElement(json, 0, (start) => {
    const end = endOfValue(json, start);

    elements.push(json.subarray(start, end));

    return end;
  });

  return elements;
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
