import {
  Http,
  Kuzzle,
  WebSocket,
  type KuzzleAbstractProtocol,
} from "kuzzle-sdk";

import { BatchDocumentsController } from "../../client";
import { documents } from "../data";
import type { Scenario } from "../scenario";
import { createCollection, fill, type World } from "../world";

const INDEX = "bench-read";
const COLLECTION = "single";
const COUNT = 100;

/** B12: many single gets of one moment, with kuzzle-sdk. */
async function singleGets(
  world: World,
  id: string,
  name: string,
  protocol: KuzzleAbstractProtocol,
): Promise<Scenario> {
  await createCollection(world, INDEX, COLLECTION);
  const stored = documents("single-", COUNT, 1024);
  await fill(world, INDEX, COLLECTION, stored);
  const ids = stored.map(({ _id }) => _id);

  const kuzzle = new Kuzzle(protocol);
  await kuzzle.connect();
  kuzzle.useController(BatchDocumentsController, "batch");
  const batch = kuzzle["batch"] as BatchDocumentsController;
  const all = async (get: (_id: string) => Promise<unknown>): Promise<void> => {
    const found = await Promise.all(ids.map(get));
    if (found.some((each) => each === null)) {
      throw new Error("not all documents were found");
    }
  };
  return {
    id,
    title: `${COUNT} single gets at once, kuzzle-sdk over ${name}`,
    rounds: 100,
    unit: { name: "ms" },
    variants: [
      {
        name: "loader().get",
        run: () => {
          // a new one each time: it keeps what it has seen
          const loader = batch.loader();
          return all((_id) => loader.get(INDEX, COLLECTION, _id));
        },
      },
      {
        name: "document:get",
        run: () => all((_id) => kuzzle.document.get(INDEX, COLLECTION, _id)),
      },
      {
        // what one request for them takes at least, with the SDK and Kuzzle alone
        name: "one document:mGet",
        run: async () => {
          await kuzzle.document.mGet(INDEX, COLLECTION, ids);
        },
      },
    ],
    targets: [{ against: "document:get", atMost: 0.1 }],
    close: () => kuzzle.disconnect(),
  };
}

export const LOADER: Record<string, (world: World) => Promise<Scenario>> = {
  "B12-HTTP": (world) => {
    const { kuzzleHost: host, kuzzlePort: port } = world.places;
    return singleGets(world, "B12-HTTP", "HTTP", new Http(host, { port }));
  },
  "B12-WebSocket": (world) => {
    const { kuzzleHost: host, kuzzlePort: port } = world.places;
    const socket = new WebSocket(host, { port });
    return singleGets(world, "B12-WebSocket", "WebSocket", socket);
  },
};
