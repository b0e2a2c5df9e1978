import { HttpClient } from "./clients";
import type { Document } from "./data";

/** A running Kuzzle and its engine, with clients for both. */
export interface World {
  readonly kuzzle: HttpClient;
  readonly engine: HttpClient;
  readonly places: Places;
}

export interface Places {
  readonly kuzzleHost: string;
  readonly kuzzlePort: number;
  readonly kuzzlePid: number;
  /** undefined if it is not a process of this machine */
  readonly enginePid?: number | undefined;
  readonly elasticsearchUrl: string;
}

export function openWorld(places: Places): World {
  const { kuzzleHost, kuzzlePort, elasticsearchUrl } = places;
  return {
    kuzzle: new HttpClient(`http://${kuzzleHost}:${kuzzlePort}`),
    engine: new HttpClient(elasticsearchUrl),
    places,
  };
}

export function closeWorld({ kuzzle, engine }: World): void {
  kuzzle.close();
  engine.close();
}

/** The engine's name for a Kuzzle collection, which is an alias. */
export function alias(index: string, collection: string): string {
  return encodeURIComponent(`@&${index}.${collection}`);
}

export async function ensureIndex(
  { kuzzle }: World,
  index: string,
): Promise<void> {
  const exists = await kuzzle.json("GET", `/${index}/_exists`);
  if (!resultOf(exists)) {
    await kuzzle.json("POST", `/${index}/_create`);
  }
}

/**
 * Creates what is missing. Few fields are mapped, so that documents may differ freely.
 */
export async function createCollection(
  world: World,
  index: string,
  collection: string,
): Promise<void> {
  const { kuzzle } = world;
  await ensureIndex(world, index);
  await kuzzle.json("PUT", `/${index}/${collection}`, {
    mappings: {
      dynamic: "false",
      properties: { title: { type: "keyword" }, count: { type: "integer" } },
    },
    settings: { number_of_replicas: 0 },
  });
}

/** Writes directly to the engine, not with what is being measured. */
export async function fill(
  { engine }: World,
  index: string,
  collection: string,
  documents: readonly Document[],
): Promise<void> {
  const lines = documents.map(
    ({ _id, body }) =>
      `${JSON.stringify({ index: { _id } })}\n${JSON.stringify(body)}\n`,
  );
  const answer = await engine.send(
    "POST",
    `/${alias(index, collection)}/_bulk?refresh=true`,
    lines.join(""),
    "application/x-ndjson",
  );
  const { errors } = JSON.parse(answer.toString("utf8")) as {
    errors: boolean;
  };
  if (errors) {
    throw new Error(`${index}/${collection} was not filled`);
  }
}

export function resultOf(answer: unknown): unknown {
  return (answer as { result: unknown }).result;
}

/** @throws unless a text occurs this often, such as once per document */
export function expectCount(
  answer: Buffer,
  text: string,
  expected: number,
): void {
  let count = 0;
  for (
    let at = answer.indexOf(text);
    at !== -1;
    at = answer.indexOf(text, at + text.length)
  ) {
    count++;
  }
  if (count !== expected) {
    throw new Error(
      `${expected} of ${text} were expected, ${count} came: ${answer.subarray(0, 300).toString()}`,
    );
  }
}
