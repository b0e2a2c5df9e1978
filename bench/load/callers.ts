import type { World } from "../world";
import { gets, mixture, ready, updates, writes, type Asks } from "./asks";
import { overCollections } from "./growth";
import { masked } from "./masks";
import type { LoadScenario, LoadVariant } from "./scenario";
import { asText } from "./texts";
import { httpSender, webSocketSender, type Sender } from "./senders";

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
        { name: "ours", ask: ours, places: world.places },
        { name: "native", ask: native, places: world.places },
      ],
      ...(atLeast !== undefined && { target: { rateAtLeast: atLeast } }),
      close: () => sender.close(),
    };
  };
}

/** L7: how a single reader is affected by many callers that wait for a refresh. */
async function besideRefreshes(world: World): Promise<LoadScenario> {
  await ready(world);
  const sender = await httpSender(world);
  const reads = gets(sender, 3);
  const waits = writes(sender, 2, { refresh: "wait_for" });
  const variant = (name: string, side: keyof Asks): LoadVariant => ({
    name,
    ask: reads[side],
    places: world.places,
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
/** How time grows with the number of requested documents, for one caller at a time. */
const NUMBERS = [1, 10, 100, 1_000, 10_000];

/** Bytes of a document, and how many documents are read, with two fields each. */
const MASKS = [
  [1_024, 10],
  [1_024, 100],
  [10_240, 200],
] as const;

/** Bytes of a document, and how many fit into Kuzzle's request limit of 1 MB. */
const TEXTS = [
  [200, 100],
  [1_024, 100],
  [10_240, 50],
] as const;

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
  ...NUMBERS.map((count) => [
    `ids-${count}`,
    scenario(
      `ids-${count}`,
      `batchGet of ${count} / mGet`,
      1,
      httpSender,
      (sender) => gets(sender, count),
    ),
  ]),
  ...MASKS.map(([bytes, count]) => [
    `mask-${bytes}-${count}`,
    (world: World) => masked(world, bytes, count),
  ]),
  ...TEXTS.flatMap(([bytes, count]) =>
    [1, 64].map((callers) => [
      `text-${bytes}-${callers}`,
      (world: World) => asText(world, bytes, count, callers),
    ]),
  ),
  ...[1, 20, 200].map((count) => [
    `collections-${count}`,
    (world: World) => overCollections(world, count),
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
