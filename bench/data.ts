/** Test documents, identical in every run. */
export interface Document {
  readonly _id: string;
  readonly body: Record<string, unknown>;
}

const WORDS =
  "batch document index collection shard refresh version conflict lease journal bulk engine answer retry";

/** A realistic document: several fields, one of them long. */
export function document(_id: string, bytes: number, seed = 0): Document {
  const body = {
    title: `Document ${_id}`,
    author: { name: `Author ${seed % 97}`, mail: `a${seed % 97}@example.com` },
    tags: ["one", "two", `tag-${seed % 13}`],
    count: seed,
    price: (seed % 1000) / 8,
    active: seed % 2 === 0,
    createdAt: 1_700_000_000_000 + seed * 1000,
    text: "",
  };
  const missing = bytes - JSON.stringify(body).length;
  return { _id, body: { ...body, text: text(missing, seed) } };
}

export function documents(
  prefix: string,
  count: number,
  bytes: number,
): Document[] {
  return Array.from({ length: count }, (_, i) =>
    document(`${prefix}${i}`, bytes, i),
  );
}

/** Words in an order that depends on the seed, with a few quotes that need escaping. */
function text(length: number, seed: number): string {
  const words = WORDS.split(" ");
  let made = "";
  for (let i = seed; made.length < length; i += 7) {
    made += `${words[i % words.length]} `;
  }
  return made.slice(0, length);
}
