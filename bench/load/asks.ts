import { document, type Document } from "../data";
import { createCollection, expectCount, fill, type World } from "../world";
import type { LoadVariant } from "./scenario";
import type { Sender } from "./senders";

export const INDEX = "bench-load";
const STORED = 10_000;
const BYTES = 1024;

/** Enough documents that callers rarely touch the same one. */
export async function ready(world: World): Promise<void> {
  if (isReady) {
    return;
  }
  isReady = true;
  for (const collection of ["read", "written", "updated"]) {
    await createCollection(world, INDEX, collection);
    const all = Array.from({ length: STORED }, (_, i) => stored(i));
    for (let at = 0; at < STORED; at += 1_000) {
      await fill(world, INDEX, collection, all.slice(at, at + 1_000));
    }
  }
}
let isReady = false;

export function stored(i: number): Document {
  return document(`document-${i}`, BYTES, i);
}

/** Spread over all documents, and different for each request. */
function idsOf(n: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `document-${(n * 7_919 + i * 104_729) % STORED}`,
  );
}

/** JSON of bodies, made once: making them costs more than sending them. */
const BODIES = Array.from({ length: 97 }, (_, i) =>
  JSON.stringify(stored(i).body),
);

/** @returns JSON */
function documentsOf(n: number, count: number): string {
  const documents = idsOf(n, count).map(
    (_id, i) => `{"_id":"${_id}","body":${BODIES[(n + i) % BODIES.length]}}`,
  );
  return `[${documents.join()}]`;
}

function changesOf(n: number, count: number): Document[] {
  return idsOf(n, count).map((_id) => ({ _id, body: { count: n } }));
}

export type Ask = LoadVariant["ask"];

/** The same request to the plugin and to Kuzzle itself. */
export interface Asks {
  readonly ours: Ask;
  readonly native: Ask;
}

export function gets(sender: Sender, count: number): Asks {
  const expect = (answer: Buffer): void =>
    expectCount(answer, '"_version"', count);
  const body = (n: number): string => JSON.stringify({ ids: idsOf(n, count) });
  return {
    ours: async (n) =>
      expect(await sender.batch("batchGet", INDEX, "read", body(n))),
    native: async (n) =>
      expect(await sender.native("mGet", INDEX, "read", body(n))),
  };
}

export function writes(
  sender: Sender,
  count: number,
  args: Readonly<Record<string, string>> = {},
): Asks {
  const expect = (answer: Buffer): void =>
    expectCount(answer, '"_version"', count);
  const body = (n: number): string => `{"documents":${documentsOf(n, count)}}`;
  const ours = { ...args, source: "false" };
  return {
    ours: async (n) =>
      expect(await sender.batch("mWrite", INDEX, "written", body(n), ours)),
    native: async (n) =>
      expect(await sender.native("mWrite", INDEX, "written", body(n), args)),
  };
}

export function updates(sender: Sender, count: number): Asks {
  const expect = (answer: Buffer): void =>
    expectCount(answer, '"_version"', count);
  const body = (n: number): string =>
    JSON.stringify({ documents: changesOf(n, count) });
  const args = { retryOnConflict: "10" };
  return {
    ours: async (n) =>
      expect(await sender.batch("mUpdate", INDEX, "updated", body(n), args)),
    native: async (n) =>
      expect(await sender.native("mUpdate", INDEX, "updated", body(n), args)),
  };
}

/** 70 % batchGet of 10, 20 % mWrite of 5, 10 % mUpdate of 5; some ids much more often. */
export function mixture(sender: Sender): Asks {
  const read = gets(sender, 10);
  const write = writes(sender, 5);
  const change = updates(sender, 5);
  const ask =
    (side: keyof Asks): Ask =>
    (n) => {
      const kind = n % 10;
      const asks = kind < 7 ? read : kind < 9 ? write : change;
      return asks[side](zipf(n));
    };
  return { ours: ask("ours"), native: ask("native") };
}

/** The k-th most frequent has 1/k of the frequency of the first (Zipf, exponent 1). */
function zipf(n: number): number {
  const share = ((n * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return Math.floor(STORED ** share);
}
