import { documents, type Document } from "../data";
import type { Scenario, Variant } from "../scenario";
import { alias, createCollection, expectCount, type World } from "../world";

const INDEX = "bench-write";
const COUNT = 200;
const BYTES = 1024;
const ROUNDS = 100;

/** B7: 200 documents of 1 KB, new ones in each round. */
export async function writing(world: World): Promise<Scenario> {
  await createCollection(world, INDEX, "written");
  const { kuzzle } = world;
  const path = `/${INDEX}/written/_mWrite`;
  return {
    id: "B7",
    title: "mWrite, 200 documents of 1 KB, `source=false`, HTTP",
    rounds: ROUNDS,
    unit: { name: "ms" },
    variants: [
      ours(world, "mWrite", "written", "?source=false"),
      fresh("native mWrite", "native", async (body) =>
        expectCount(await kuzzle.send("POST", path, body), '"_version"', COUNT),
      ),
      engineBulk(world, "written"),
      // what Kuzzle does with such a request, whatever it asks for
      fresh("server:now, same body", "now", async (body) =>
        expectCount(await kuzzle.send("GET", "/_now", body), '"now":', 1),
      ),
    ],
    targets: [{ against: "native mWrite", atMost: 0.85 }],
  };
}

/** B8: what all or nothing costs. */
export async function atomic(world: World): Promise<Scenario> {
  await createCollection(world, INDEX, "atomic");
  return {
    id: "B8",
    title: "mWrite, `atomic`, 200 documents of 1 KB, `source=false`, HTTP",
    rounds: ROUNDS,
    unit: { name: "ms" },
    variants: [
      ours(world, "mWrite atomic", "atomic", "?atomic=true&source=false"),
      ours(world, "mWrite", "atomic", "?source=false"),
    ],
    targets: [{ against: "mWrite", atMost: 2.5 }],
  };
}

/** B9: 200 partial updates, nobody subscribed. */
export async function updating(world: World): Promise<Scenario> {
  await createCollection(world, INDEX, "updated");
  const { kuzzle, engine } = world;
  const stored = documents("document-", COUNT, BYTES);
  await engine.send(
    "POST",
    `/${alias(INDEX, "updated")}/_bulk?refresh=true`,
    bulkLines(stored),
    "application/x-ndjson",
  );
  const change = (round: number, name: string): Document[] =>
    stored.map(({ _id }) => ({ _id, body: { count: round, changedBy: name } }));
  const variant = (
    name: string,
    send: (changes: readonly Document[]) => Promise<Buffer>,
  ): Variant => ({
    name,
    run: async (round) =>
      expectCount(await send(change(round, name)), '"_version"', COUNT),
  });
  const bulk = (changes: readonly Document[]): Promise<Buffer> =>
    engine.send(
      "POST",
      `/${alias(INDEX, "updated")}/_bulk`,
      changes
        .map(
          ({ _id, body }) =>
            `${JSON.stringify({ update: { _id } })}\n${JSON.stringify({ doc: body })}\n`,
        )
        .join(""),
      "application/x-ndjson",
    );
  const asBody = (changes: readonly Document[]): string =>
    JSON.stringify({ documents: changes });
  return {
    id: "B9",
    title: "mUpdate, 200 documents, nobody subscribed, HTTP",
    rounds: ROUNDS,
    unit: { name: "ms" },
    variants: [
      variant("mUpdate", (changes) =>
        kuzzle.send(
          "PUT",
          `/_/batch/${INDEX}/updated/_mUpdate`,
          asBody(changes),
        ),
      ),
      variant("native mUpdate", (changes) =>
        kuzzle.send("PUT", `/${INDEX}/updated/_mUpdate`, asBody(changes)),
      ),
      variant("engine", bulk),
      // the metadata that Kuzzle's own action writes as well
      variant("engine, as Kuzzle has it", (changes) =>
        bulk(
          changes.map(({ _id, body }) => ({
            _id,
            body: {
              ...body,
              _kuzzle_info: { updatedAt: Date.now(), updater: "-1" },
            },
          })),
        ),
      ),
      {
        name: "server:now, same body",
        run: async (round) =>
          expectCount(
            await kuzzle.send("GET", "/_now", asBody(change(round, "now"))),
            '"now":',
            1,
          ),
      },
    ],
    targets: [{ against: "native mUpdate", atMost: 0.75 }],
  };
}

/** B14: documents sent as text are neither parsed nor made JSON of again. */
export async function textual(world: World): Promise<Scenario> {
  await createCollection(world, INDEX, "textual");
  const asText: Encode = ({ _id, body }) => ({
    ...{ _id, json: JSON.stringify(body) },
  });
  return {
    id: "B14",
    title:
      "mWrite, 200 documents of 1 KB as text (`json`), `source=false`, HTTP",
    rounds: ROUNDS,
    unit: { name: "ms" },
    variants: [
      ours(world, "mWrite json", "textual", "?source=false", asText),
      ours(world, "mWrite body", "textual", "?source=false"),
    ],
    targets: [{ against: "mWrite body", atMost: 1 }],
  };
}

export const WRITES: Record<string, (world: World) => Promise<Scenario>> = {
  B7: writing,
  B8: atomic,
  B9: updating,
  B14: textual,
};

// --------------------------------------------------------------- variants

/** As it stands in a request. */
type Encode = (document: Document) => object;

/** Documents that are not there yet, made before the time is taken. */
function fresh(
  name: string,
  prefix: string,
  send: (body: string, documents: readonly Document[]) => Promise<void>,
  encode: Encode = (each) => each,
): Variant {
  let made: Document[] = [];
  let body = "";
  return {
    name,
    prepare: async (round) => {
      made = documents(`${prefix}-${round}-`, COUNT, BYTES);
      body = JSON.stringify({ documents: made.map(encode) });
    },
    run: () => send(body, made),
  };
}

function ours(
  { kuzzle }: World,
  name: string,
  collection: string,
  query: string,
  encode?: Encode,
): Variant {
  const path = `/_/batch/${INDEX}/${collection}/_mWrite${query}`;
  return fresh(
    name,
    name.replace(" ", "-"),
    async (body) =>
      expectCount(await kuzzle.send("POST", path, body), '"_version"', COUNT),
    encode,
  );
}

function engineBulk({ engine }: World, collection: string): Variant {
  let lines = "";
  return {
    name: "engine",
    prepare: async (round) => {
      lines = bulkLines(documents(`engine-${round}-`, COUNT, BYTES));
    },
    run: async () =>
      expectCount(
        await engine.send(
          "POST",
          `/${alias(INDEX, collection)}/_bulk`,
          lines,
          "application/x-ndjson",
        ),
        '"_version"',
        COUNT,
      ),
  };
}

function bulkLines(all: readonly Document[]): string {
  return all
    .map(
      ({ _id, body }) =>
        `${JSON.stringify({ index: { _id } })}\n${JSON.stringify(body)}\n`,
    )
    .join("");
}
