import { documents } from "../data";
import type { Scenario, Variant } from "../scenario";
import {
  alias,
  createCollection,
  expectCount,
  fill,
  type World,
} from "../world";
import { engineDocs, engineGet, filled, nativeGet } from "./readVariants";
import { closing, INDEX, overHttp, overWebSocket, type Way } from "./ways";

/** B1: 1000 documents of 1 KB, one collection. */
export async function thousand(
  world: World,
  id: string,
  way: Way,
): Promise<Scenario> {
  const ids = await filled(world, "thousand", 1000, 1024);
  const body = JSON.stringify({ ids });
  return {
    id,
    title: `batchGet, 1000 documents of 1 KB, one collection, ${way.name}`,
    rounds: 120,
    unit: { name: "ms" },
    variants: [
      {
        name: "batchGet",
        run: async () =>
          expectCount(
            await way.batch(body, "", "thousand"),
            '"_version"',
            1000,
          ),
      },
      nativeGet(way, "thousand", ids),
      engineGet(world, "thousand", ids),
    ],
    targets: [
      { against: "native mGet", atMost: way.name === "HTTP" ? 0.8 : 1.1 },
    ],
    ...closing(way),
  };
}

/** B15: what it costs that no number of an answer is rounded, by nobody. */
export async function textual(
  world: World,
  id: string,
  way: Way,
): Promise<Scenario> {
  const ids = await filled(world, "textual", 1000, 1024);
  const body = JSON.stringify({ ids });
  const get = (name: string, query: string): Variant => ({
    name,
    run: async () =>
      expectCount(await way.batch(body, query, "textual"), '"_version"', 1000),
  });
  return {
    id,
    title: `batchGet, 1000 documents of 1 KB as text (\`json\`), ${way.name}`,
    rounds: 120,
    unit: { name: "ms" },
    variants: [
      get("batchGet json", "?json=true"),
      get("batchGet", ""),
      nativeGet(way, "textual", ids),
    ],
    targets: [{ against: "native mGet", atMost: 1.1 }],
    ...closing(way),
  };
}

/** B2: 10 collections × 100 documents. */
export async function collections(
  world: World,
  id: string,
  way: Way,
): Promise<Scenario> {
  const names = Array.from({ length: 10 }, (_, i) => `of-ten-${i}`);
  const idsByName = new Map<string, string[]>();
  for (const name of names) {
    idsByName.set(name, await filled(world, name, 100, 1024));
  }
  const asked = [...idsByName].flatMap(([collection, ids]) =>
    ids.map((_id) => ({ collection, _id })),
  );
  const body = JSON.stringify({ documents: asked });
  const native = async (name: string): Promise<void> => {
    const ids = idsByName.get(name) as string[];
    expectCount(await way.native(name, ids), '"_version"', 100);
  };
  return {
    id,
    title: `batchGet, 10 collections × 100 documents of 1 KB, one call, ${way.name}`,
    rounds: 100,
    unit: { name: "ms" },
    variants: [
      {
        name: "batchGet",
        run: async () => expectCount(await way.batch(body), '"_version"', 1000),
      },
      {
        name: "ten native mGet in sequence",
        run: async () => {
          for (const name of names) {
            await native(name);
          }
        },
      },
      {
        name: "ten native mGet in parallel",
        run: async () => {
          await Promise.all(names.map(native));
        },
      },
      engineDocs(world, asked, 1000),
    ],
    targets: [
      { against: "ten native mGet in sequence", atMost: 0.35 },
      { against: "ten native mGet in parallel", atMost: 0.8 },
    ],
    ...closing(way),
  };
}

/** B3: 1000 ids, looked up in all 20 collections of an index of their own. */
export async function wholeIndex(world: World): Promise<Scenario> {
  const index = "bench-index";
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
  const ids: string[] = [];
  for (const [i, name] of names.entries()) {
    await createCollection(world, index, name);
    const own = documents(`${name}-document-`, 50, 1024);
    await fill(world, index, name, own);
    ids.push(...own.map(({ _id }) => _id));
    if (i === names.length - 1) {
      ids.sort((one, other) => hash(one) - hash(other));
    }
  }
  const body = JSON.stringify({ ids });
  const everywhere = ids.flatMap((_id) =>
    names.map((collection) => ({ _index: `@&${index}.${collection}`, _id })),
  );
  const engineBody = JSON.stringify({ docs: everywhere });
  return {
    id: "B3",
    title: "batchGet, 1000 ids, whole index of 20 collections, HTTP",
    rounds: 60,
    unit: { name: "ms" },
    variants: [
      {
        name: "batchGet",
        run: async () =>
          expectCount(
            await world.kuzzle.send(
              "POST",
              `/_/batch/${index}/_batchGet`,
              body,
            ),
            '"_version"',
            1000,
          ),
      },
      {
        name: "engine",
        run: async () =>
          expectCount(
            await world.engine.send("POST", "/_mget", engineBody),
            '"_version"',
            1000,
          ),
      },
    ],
    targets: [{ against: "engine", atMost: 1.1 }],
  };
}

/** B4: two fields of 200 documents of 10 KB. */
export async function fields(
  world: World,
  id: string,
  way: Way,
): Promise<Scenario> {
  const ids = await filled(world, "large", 200, 10 * 1024);
  const body = JSON.stringify({ ids });
  return {
    id,
    title: `batchGet, 200 documents of 10 KB, two fields wanted, ${way.name}`,
    rounds: 100,
    unit: { name: "ms" },
    variants: [
      {
        name: "batchGet",
        run: async () =>
          expectCount(
            await way.batch(body, "?source=title,count", "large"),
            '"_version"',
            200,
          ),
      },
      nativeGet(way, "large", ids),
      engineGet(world, "large", ids, "?_source_includes=title,count"),
    ],
    targets: [{ against: "native mGet", atMost: 0.45 }],
    ...closing(way),
  };
}

/** B5: the smallest requests. */
export async function few(
  world: World,
  id: string,
  count: number,
  way: Way,
): Promise<Scenario> {
  const ids = (await filled(world, "few", 10, 1024)).slice(0, count);
  const body = JSON.stringify({ ids });
  return {
    id,
    title: `batchGet, ${count} document${count === 1 ? "" : "s"} of 1 KB, ${way.name}`,
    rounds: 400,
    unit: { name: "ms" },
    variants: [
      {
        name: "batchGet",
        run: async () =>
          expectCount(await way.batch(body, "", "few"), '"_version"', count),
      },
      nativeGet(way, "few", ids),
      engineGet(world, "few", ids),
    ],
    targets: [
      { against: "native mGet", atMost: way.name === "HTTP" ? 1.0 : 1.1 },
    ],
    ...closing(way),
  };
}

/** B6: 16 clients at once. */
export async function connections(world: World): Promise<Scenario> {
  const perClient = 4;
  const clients = 16;
  const ids = await filled(world, "hundred", 100, 1024);
  const body = JSON.stringify({ ids });
  const way = overHttp(world);
  const atOnce = async (ask: () => Promise<Buffer>): Promise<void> => {
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let i = 0; i < perClient; i++) {
          expectCount(await ask(), '"_version"', 100);
        }
      }),
    );
  };
  return {
    id: "B6",
    title: "16 connections, batchGet of 100 documents of 1 KB, HTTP",
    rounds: 60,
    unit: { name: "requests/s", perRound: clients * perClient },
    variants: [
      {
        name: "batchGet",
        run: () => atOnce(() => way.batch(body, "", "hundred")),
      },
      {
        name: "native mGet",
        run: () => atOnce(() => way.native("hundred", ids)),
      },
      {
        name: "engine",
        run: () =>
          atOnce(() =>
            world.engine.send(
              "POST",
              `/${alias(INDEX, "hundred")}/_mget`,
              body,
            ),
          ),
      },
    ],
    targets: [{ against: "native mGet", atLeast: 1.2 }],
  };
}

export const READS: Record<string, (world: World) => Promise<Scenario>> = {
  B1: (world) => thousand(world, "B1", overHttp(world)),
  "B15-HTTP": (world) => textual(world, "B15-HTTP", overHttp(world)),
  "B15-WebSocket": async (world) =>
    textual(world, "B15-WebSocket", await overWebSocket(world)),
  B2: (world) => collections(world, "B2", overHttp(world)),
  B3: wholeIndex,
  B4: (world) => fields(world, "B4", overHttp(world)),
  "B5-1": (world) => few(world, "B5-1", 1, overHttp(world)),
  "B5-10": (world) => few(world, "B5-10", 10, overHttp(world)),
  B6: connections,
  "B11-B1": async (world) =>
    thousand(world, "B11-B1", await overWebSocket(world)),
  "B11-B2": async (world) =>
    collections(world, "B11-B2", await overWebSocket(world)),
  "B11-B4": async (world) =>
    fields(world, "B11-B4", await overWebSocket(world)),
  "B11-B5-1": async (world) =>
    few(world, "B11-B5-1", 1, await overWebSocket(world)),
  "B11-B5-10": async (world) =>
    few(world, "B11-B5-10", 10, await overWebSocket(world)),
};

/** An order that has nothing to do with where the documents are. */
function hash(text: string): number {
  let sum = 7;
  for (const letter of text) {
    sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_003;
  }
  return sum;
}
