import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { Client } from "sdk-es7";

import { split } from "../../client/transport/split";
import {
  MAPPINGS,
  placesByCollection,
  type PlaceDocument,
} from "../../scripts/sample/places";
import { watchMemory } from "../memory";
import type { Scenario, Variant } from "../scenario";
import { ensureIndex, expectCount, resultOf, type World } from "../world";

const INDEX = "bench-places";
const ROUNDS = 3;
const REQUESTS_AT_ONCE = 4;
const COMMAND = "dist/bin/kuzzle-batch.js";

/** B10: many documents through Kuzzle, and past it. */
export async function loading(world: World): Promise<Scenario> {
  const places = allPlaces();
  const memory = watchMemory(world.places.kuzzlePid);
  return {
    id: "B10",
    title: `mWrite, ${places.length} places in requests of just under 1 MB, ${REQUESTS_AT_ONCE} at once, HTTP`,
    rounds: ROUNDS,
    unit: { name: "documents/s", perRound: places.length },
    variants: [
      {
        name: "mWrite",
        prepare: () => newCollection(world, "written"),
        run: async () => {
          memory.start();
          await writePlaces(world, "written", places);
          memory.pause();
        },
      },
      bulkHelper(world, places),
    ],
    targets: [{ against: "bulk helper", atLeast: 0.6 }],
    figures: () => [
      {
        name: "Kuzzle's memory grew by",
        value: memory.grownMegabytes(),
        unit: "MB",
        atMost: 200,
      },
    ],
    close: () => memory.stop(),
  };
}

/** B13: the same with the command, from a file. */
export async function importing(world: World): Promise<Scenario> {
  const places = allPlaces();
  const folder = mkdtempSync(path.join(tmpdir(), "bench-import-"));
  const file = path.join(folder, "places.ndjson");
  writeFileSync(
    file,
    places.map((place) => `${JSON.stringify(place)}\n`).join(""),
  );
  return {
    id: "B13",
    title: `kuzzle-batch import, ${places.length} places from a file`,
    rounds: ROUNDS,
    unit: { name: "documents/s", perRound: places.length },
    variants: [
      {
        name: "kuzzle-batch import",
        prepare: () => newCollection(world, "imported"),
        run: async () => {
          await runCommand(world, ["import", INDEX, "imported", file]);
        },
      },
      bulkHelper(world, places),
    ],
    targets: [{ against: "bulk helper", atLeast: 0.5 }],
    close: () => rmSync(folder, { recursive: true }),
  };
}

export const PLACES: Record<string, (world: World) => Promise<Scenario>> = {
  B10: loading,
  B13: importing,
};

function allPlaces(): PlaceDocument[] {
  return [...placesByCollection().values()].flat();
}

/** Empty, in each round: what is there already is written more slowly. */
async function newCollection(world: World, collection: string): Promise<void> {
  const { kuzzle } = world;
  await ensureIndex(world, INDEX);
  const exists = await kuzzle.json("GET", `/${INDEX}/${collection}/_exists`);
  if (resultOf(exists)) {
    await kuzzle.json("DELETE", `/${INDEX}/${collection}`);
  }
  await kuzzle.json("PUT", `/${INDEX}/${collection}`, {
    mappings: MAPPINGS,
    settings: { number_of_replicas: 0 },
  });
}

/** As a program with the client's `split` would do it. */
async function writePlaces(
  { kuzzle }: World,
  collection: string,
  places: readonly PlaceDocument[],
): Promise<void> {
  const parts = split(places);
  const sendInTurn = async (): Promise<void> => {
    for (let next = parts.next(); !next.done; next = parts.next()) {
      if (next.value.kind === "too_large") {
        throw new Error("a place is too large");
      }
      const { items } = next.value;
      const answer = await kuzzle.send(
        "POST",
        `/_/batch/${INDEX}/${collection}/_mWrite?source=false`,
        JSON.stringify({ documents: items }),
      );
      expectCount(answer, '"_version"', items.length);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, sendInTurn));
}

/** The official client's own way to load much, with its own defaults. */
function bulkHelper(world: World, places: readonly PlaceDocument[]): Variant {
  const client = new Client({ node: world.places.elasticsearchUrl });
  const collection = "helped";
  const _index = `@&${INDEX}.${collection}`;
  const bodies = places.map(({ body }) => body);
  const idOf = new Map(places.map(({ _id, body }) => [body, _id]));
  return {
    name: "bulk helper",
    prepare: () => newCollection(world, collection),
    run: async () => {
      const { failed, successful } = await client.helpers.bulk<
        PlaceDocument["body"]
      >({
        datasource: bodies,
        onDocument: (body) => ({
          index: { _index, _id: idOf.get(body) as string },
        }),
      });
      if (failed > 0 || successful !== places.length) {
        throw new Error(`${failed} places failed, ${successful} were loaded`);
      }
    },
  };
}

/** @throws unless it ends with 0, with what it said */
function runCommand(world: World, args: readonly string[]): Promise<void> {
  const { kuzzleHost, kuzzlePort } = world.places;
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [COMMAND, ...args, "--host", kuzzleHost, "--port", String(kuzzlePort)],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += text.toString()));
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${args.join(" ")} ended with ${code}: ${said}`)),
    );
  });
}
