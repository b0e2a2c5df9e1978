import { document } from "../data";
import type { Variant } from "../scenario";
import {
  alias,
  createCollection,
  expectCount,
  fill,
  type World,
} from "../world";
import { INDEX, type Way } from "./ways";

export function nativeGet(
  way: Way,
  collection: string,
  ids: readonly string[],
): Variant {
  return {
    name: "native mGet",
    run: async () =>
      expectCount(await way.native(collection, ids), '"_version"', ids.length),
  };
}

export function engineGet(
  { engine }: World,
  collection: string,
  ids: readonly string[],
  query = "",
): Variant {
  const body = JSON.stringify({ ids });
  return {
    name: "engine",
    run: async () =>
      expectCount(
        await engine.send(
          "POST",
          `/${alias(INDEX, collection)}/_mget${query}`,
          body,
        ),
        '"_version"',
        ids.length,
      ),
  };
}

export function engineDocs(
  { engine }: World,
  asked: readonly { collection: string; _id: string }[],
  found: number,
): Variant {
  const body = JSON.stringify({
    docs: asked.map(({ collection, _id }) => ({
      _index: `@&${INDEX}.${collection}`,
      _id,
    })),
  });
  return {
    name: "engine",
    run: async () =>
      expectCount(
        await engine.send("POST", "/_mget", body),
        '"_version"',
        found,
      ),
  };
}

/** Fills a collection. @returns the ids of its documents */
export async function filled(
  world: World,
  collection: string,
  count: number,
  bytes: number,
): Promise<string[]> {
  await createCollection(world, INDEX, collection);
  const all = Array.from({ length: count }, (_, i) =>
    document(`${collection}-document-${i}`, bytes, i),
  );
  await fill(world, INDEX, collection, all);
  return all.map(({ _id }) => _id);
}
