import { BatchController, Kuzzle, WebSocket } from "kuzzle-sdk";
import _ from "lodash";

import { useBatch } from "../../client";
import { documents, type Document } from "../data";
import type { Scenario, Variant } from "../scenario";
import {
  alias,
  createCollection,
  expectCount,
  fill,
  type World,
} from "../world";

const INDEX = "bench-write";
const COLLECTION = "writer";
const UPDATES = 1_000;
/** Kuzzle's `limits.documentsWriteCount` */
const WRITE_LIMIT = 200;
const PER_COLLECTION = 50;
const BYTES = 1024;

/** Single updates of one moment, with kuzzle-sdk. */
async function singleUpdates(world: World): Promise<Scenario> {
  await createCollection(world, INDEX, COLLECTION);
  const stored = documents("single-", UPDATES, BYTES);
  await fill(world, INDEX, COLLECTION, stored);

  const { kuzzleHost: host, kuzzlePort: port } = world.places;
  const kuzzle = new Kuzzle(new WebSocket(host, { port }));
  await kuzzle.connect();
  const writer = useBatch(kuzzle).writer({
    index: INDEX,
    collection: COLLECTION,
  });
  // one sends all it has as one request, which Kuzzle rejects above its limit
  const controllers = Array.from(
    { length: UPDATES / WRITE_LIMIT },
    () => new BatchController(kuzzle),
  );
  const variant = (
    name: string,
    update: (_id: string, body: object, i: number) => Promise<unknown>,
  ): Variant => ({
    name,
    run: async (round) => {
      await Promise.all(
        stored.map(({ _id }, i) =>
          update(_id, { count: round, changedBy: name }, i),
        ),
      );
    },
  });
  return {
    id: "writer-1000",
    title: `${UPDATES} single updates at once, kuzzle-sdk over WebSocket`,
    rounds: 20,
    unit: { name: "ms" },
    variants: [
      variant("writer().update", (_id, body) => writer.update({ _id, body })),
      variant("document:update", (_id, body) =>
        kuzzle.document.update(INDEX, COLLECTION, _id, body),
      ),
      variant("BatchController", async (_id, body, i) =>
        controllers[Math.floor(i / WRITE_LIMIT)]?.update(
          INDEX,
          COLLECTION,
          _id,
          body,
        ),
      ),
      // what the same updates cost without Kuzzle, in as many calls
      {
        name: "engine, as Kuzzle has it",
        run: async (round) => {
          const { engine } = world;
          const kind = { op: "update", collection: COLLECTION } as const;
          const body = { count: round, changedBy: "engine" };
          const calls = _.chunk(stored, WRITE_LIMIT).map(async (part) => {
            const lines = part.map(({ _id }) =>
              bulkLines(kind, { _id, body: withMetadata(kind, body) }),
            );
            const answer = await engine.send(
              "POST",
              "/_bulk",
              lines.join(""),
              "application/x-ndjson",
            );
            expectCount(answer, '"_version"', part.length);
          });
          await Promise.all(calls);
        },
      },
    ],
    targets: [
      { against: "document:update", atMost: 0.15 },
      { against: "BatchController", atMost: 0.8 },
    ],
    close: () => {
      const disposed = controllers.map((each) => each.dispose());
      void Promise.all(disposed).finally(() => kuzzle.disconnect());
    },
  };
}

/** What is done in each collection, as batchWrite, Kuzzle and the engine call it. */
const KINDS = [
  { collection: "mixed-1", op: "create", native: "_mCreate", method: "POST" },
  {
    collection: "mixed-2",
    op: "createOrReplace",
    native: "_mCreateOrReplace",
    method: "PUT",
  },
  { collection: "mixed-3", op: "update", native: "_mUpdate", method: "PUT" },
  { collection: "mixed-4", op: "delete", native: "_mDelete", method: "DELETE" },
] as const;
type Kind = (typeof KINDS)[number];
type Target = { readonly op: Kind["op"]; readonly collection: string };

/** Operations of one round: those of a variant never meet another's documents. */
function operationsOf(
  kind: Kind,
  prefix: string,
  round: number,
): readonly Document[] {
  const isNew = kind.op === "create" || kind.op === "delete";
  const name = isNew ? `${prefix}-${round}-` : `${prefix}-`;
  const all = documents(name, PER_COLLECTION, BYTES);
  return kind.op === "update"
    ? all.map(({ _id }) => ({ _id, body: { count: round } }))
    : all;
}

/** 200 operations over 4 collections. */
async function mixed(world: World): Promise<Scenario> {
  for (const { collection } of KINDS) {
    await createCollection(world, INDEX, collection);
  }
  const { kuzzle, engine } = world;
  const total = KINDS.length * PER_COLLECTION;

  /** What an update or a delete needs is there before the time is taken. */
  async function fillFor(prefix: string, round: number): Promise<void> {
    for (const kind of KINDS) {
      if (kind.op === "update" || kind.op === "delete") {
        const ids = operationsOf(kind, prefix, round);
        await fill(world, INDEX, kind.collection, ids);
      }
    }
  }

  const variant = (
    name: string,
    send: (round: number, prefix: string) => Promise<void>,
  ): Variant => {
    const prefix = name.replace(/\W/g, "-");
    return {
      name,
      prepare: (round) => fillFor(prefix, round),
      run: (round) => send(round, prefix),
    };
  };

  const engineVariant = (name: string, toLines: typeof bulkLines): Variant =>
    variant(name, async (round, prefix) => {
      const lines = KINDS.flatMap((kind) =>
        operationsOf(kind, prefix, round).map((each) => toLines(kind, each)),
      );
      const answer = await engine.send(
        "POST",
        "/_bulk",
        lines.join(""),
        "application/x-ndjson",
      );
      expectCount(answer, '"_version"', total);
    });

  const requestOf = (round: number, prefix: string): string => {
    const operations = KINDS.flatMap((kind) =>
      operationsOf(kind, prefix, round).map(({ _id, body }) => ({
        [kind.op]: {
          ...{ collection: kind.collection, _id },
          ...(kind.op !== "delete" && { body }),
        },
      })),
    );
    return JSON.stringify({ operations });
  };

  return {
    id: "mixed-200",
    title: `batchWrite, ${total} operations over ${KINDS.length} collections, HTTP`,
    rounds: 50,
    unit: { name: "ms" },
    variants: [
      variant("batchWrite", async (round, prefix) => {
        const answer = await kuzzle.send(
          "POST",
          `/_/batch/${INDEX}/_batchWrite`,
          requestOf(round, prefix),
        );
        expectCount(answer, '"_version"', total);
      }),
      variant("native calls", async (round, prefix) => {
        await Promise.all(
          KINDS.map(async (kind) => {
            const all = operationsOf(kind, prefix, round);
            const body =
              kind.op === "delete"
                ? { ids: all.map(({ _id }) => _id) }
                : { documents: all };
            const answer = await kuzzle.send(
              kind.method,
              `/${INDEX}/${kind.collection}/${kind.native}`,
              JSON.stringify(body),
            );
            expectCount(answer, '"errors":[]', 1);
          }),
        );
      }),
      engineVariant("engine", bulkLines),
      engineVariant("engine, as Kuzzle has it", (kind, each) =>
        bulkLines(kind, { ...each, body: withMetadata(kind, each.body) }),
      ),
      // what Kuzzle does with such a request, whatever it asks for
      variant("server:now, same body", async (round, prefix) => {
        const body = requestOf(round, prefix);
        expectCount(await kuzzle.send("GET", "/_now", body), '"now":', 1);
      }),
    ],
    targets: [
      { against: "native calls", atMost: 0.6 },
      { against: "engine", atMost: 1.5 },
    ],
  };
}

const BULK_OPERATIONS = {
  create: "create",
  createOrReplace: "index",
  update: "update",
  delete: "delete",
} as const;

function bulkLines(
  { op, collection }: Target,
  { _id, body }: Document,
): string {
  const _index = decodeURIComponent(alias(INDEX, collection));
  const head = JSON.stringify({ [BULK_OPERATIONS[op]]: { _index, _id } });
  if (op === "delete") return `${head}\n`;
  return `${head}\n${JSON.stringify(op === "update" ? { doc: body } : body)}\n`;
}

/** What Kuzzle's own actions write beside a body: the engine indexes that, too. */
function withMetadata(
  { op }: Target,
  body: Document["body"],
): Document["body"] {
  const at = Date.now();
  const info =
    op === "update"
      ? { updatedAt: at, updater: "-1" }
      : { author: "-1", createdAt: at, updatedAt: null, updater: null };
  return { ...body, _kuzzle_info: info };
}

export const MIXED: Record<string, (world: World) => Promise<Scenario>> = {
  "writer-1000": singleUpdates,
  "mixed-200": mixed,
};
