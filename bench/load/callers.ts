import { document, type Document } from "../data";
import { createCollection, expectCount, fill, type World } from "../world";
import type { LoadScenario, LoadVariant } from "./scenario";
import { httpSender, webSocketSender, type Sender } from "./senders";

const INDEX = "bench-load";
const STORED = 10_000;
const BYTES = 1024;

/** Many documents, so that callers seldom meet at one. */
async function ready(world: World): Promise<void> {
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

function stored(i: number): Document {
  return document(`document-${i}`, BYTES, i);
}

/** Spread over all of them, and different from request to request. */
function idsOf(n: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `document-${(n * 7_919 + i * 104_729) % STORED}`,
  );
}

function documentsOf(n: number, count: number): Document[] {
  return idsOf(n, count).map((_id, i) => ({ ...stored((n + i) % 97), _id }));
}

function changesOf(n: number, count: number): Document[] {
  return idsOf(n, count).map((_id) => ({ _id, body: { count: n } }));
}

type Ask = LoadVariant["ask"];

interface Asks {
  readonly ours: Ask;
  readonly native: Ask;
}

function gets(sender: Sender, count: number): Asks {
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

function writes(
  sender: Sender,
  count: number,
  args: Readonly<Record<string, string>> = {},
): Asks {
  const expect = (answer: Buffer): void =>
    expectCount(answer, '"_version"', count);
  const body = (n: number): string =>
    JSON.stringify({ documents: documentsOf(n, count) });
  const ours = { ...args, source: "false" };
  return {
    ours: async (n) =>
      expect(await sender.batch("mWrite", INDEX, "written", body(n), ours)),
    native: async (n) =>
      expect(await sender.native("mWrite", INDEX, "written", body(n), args)),
  };
}

function updates(sender: Sender, count: number): Asks {
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

type Make = (world: World) => Promise<LoadScenario>;
type Connect = (world: World) => Promise<Sender>;

function scenario(
  id: string,
  title: string,
  callers: number,
  connect: Connect,
  asks: (sender: Sender) => Asks,
  atLeast?: number,
): Make {
  return async (world) => {
    await ready(world);
    const sender = await connect(world);
    const { ours, native } = asks(sender);
    return {
      id,
      title: `${title}, ${sender.protocol}`,
      callers,
      variants: [
        { name: "ours", ask: ours },
        { name: "native", ask: native },
      ],
      ...(atLeast !== undefined && { target: { rateAtLeast: atLeast } }),
      close: () => sender.close(),
    };
  };
}

/** L7: what a single reader notices of many who wait for a refresh. */
async function besideRefreshes(world: World): Promise<LoadScenario> {
  await ready(world);
  const sender = await httpSender(world);
  const reads = gets(sender, 3);
  const waits = writes(sender, 2, { refresh: "wait_for" });
  const variant = (name: string, side: keyof Asks): LoadVariant => ({
    name,
    ask: reads[side],
    background: { callers: 64, ask: waits[side] },
  });
  return {
    id: "L7",
    title: "batchGet of 3 while 64 callers write with `refresh=wait_for`, HTTP",
    callers: 1,
    variants: [variant("ours", "ours"), variant("native", "native")],
    target: { medianAtMost: 1.2 },
    close: () => sender.close(),
  };
}

/** 70 % batchGet of 10, 20 % mWrite of 5, 10 % mUpdate of 5, some ids much oftener. */
function mixture(sender: Sender): Asks {
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

/** The k-th most wanted about 1/k as often as the first (Zipf, exponent 1). */
function zipf(n: number): number {
  const share = ((n * 2_654_435_761) % 2 ** 32) / 2 ** 32;
  return Math.floor(STORED ** share);
}

const GET_10 = (sender: Sender): Asks => gets(sender, 10);
const GET_1 = (sender: Sender): Asks => gets(sender, 1);
const WRITE_5 = (sender: Sender): Asks => writes(sender, 5);
const UPDATE_5 = (sender: Sender): Asks => updates(sender, 5);
const WAIT_2 = (sender: Sender): Asks =>
  writes(sender, 2, { refresh: "wait_for" });

const SHAPES: readonly (readonly [
  string,
  string,
  number,
  (sender: Sender) => Asks,
  number,
])[] = [
  ["L1", "batchGet of 10 / mGet", 64, GET_10, 1.2],
  ["L2", "batchGet of 1 / mGet", 64, GET_1, 1.25],
  ["L3", "mWrite of 5, `source=false` / mWrite", 64, WRITE_5, 1.3],
  ["L4", "mWrite of 5, `source=false` / mWrite", 256, WRITE_5, 1.4],
  ["L5", "mUpdate of 5 / mUpdate", 64, UPDATE_5, 1.5],
  ["L6", "mWrite of 2, `refresh=wait_for` / mWrite", 64, WAIT_2, 1.0],
];
const MIXTURE = "70 % batchGet of 10, 20 % mWrite of 5, 10 % mUpdate of 5";

export const LOADS: Record<string, Make> = Object.fromEntries([
  ...SHAPES.map(([id, title, callers, asks, atLeast]) => [
    id,
    scenario(id, title, callers, httpSender, asks, atLeast),
  ]),
  ["L7", besideRefreshes],
  ...[64, 256].map((callers) => [
    `mixture-${callers}`,
    scenario(`mixture-${callers}`, MIXTURE, callers, httpSender, mixture),
  ]),
  ...SHAPES.map(([id, title, callers, asks]) => [
    `${id}-WebSocket`,
    scenario(`${id}-WebSocket`, title, callers, webSocketSender, asks),
  ]),
  ...[1, 4, 16, 256].map((callers) => [
    `rate-${callers}`,
    scenario(
      `rate-${callers}`,
      "batchGet of 10 / mGet",
      callers,
      httpSender,
      GET_10,
    ),
  ]),
]) as Record<string, Make>;
