import assert from "node:assert/strict";

import fc from "fast-check";

import { validateMapping } from "../../lib/core/validation/validateMapping";
import type { Source } from "../../lib/types";
import type { WriteDocument } from "../../lib/core/commands";
import {
  ask,
  collectionPath,
  createCollection,
  deleteCollection,
  openStore,
} from "./support/engine";

/** Common to all documents. */
const WRITE = { op: "write", collection: "any" } as const;

const ROUNDS = 12;
const BODIES = 300;

/** What may occur in a mapping in place of a field or a branch. */
const LEAVES: readonly object[] = [
  { type: "integer" },
  { type: "integer", ignore_malformed: true },
  { type: "integer", coerce: false },
  { type: "integer", index: false, doc_values: false },
  { type: "long", doc_values: false },
  { type: "float" },
  { type: "double", null_value: 1 },
  { type: "half_float" },
  { type: "byte" },
  { type: "boolean" },
  { type: "keyword" },
  { type: "keyword", index: false, doc_values: false },
  { type: "keyword", ignore_above: 3 },
  { type: "text" },
  { type: "text", index: false },
  { type: "text", fields: { raw: { type: "keyword" } } },
  { type: "date" },
  { type: "date", format: "epoch_millis" },
  { type: "ip" },
  { type: "binary" },
  { type: "integer_range" },
  { type: "geo_point" },
  { type: "completion" },
  { type: "object", enabled: false },
  { type: "object" },
  { type: "nested" },
  { type: "nested", dynamic: "strict" },
];

const DYNAMICS = [undefined, "true", "false", "strict"] as const;
const NAMES = ["a", "b", "c", "d", "e"] as const;

const { branch } = fc.letrec<{ branch: object; field: object }>((tie) => ({
  branch: fc
    .record({
      dynamic: fc.constantFrom(...DYNAMICS, "strict"),
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie("field"), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
    })
    .map(({ dynamic, properties }) => ({
      properties,
      ...(dynamic !== undefined && { dynamic }),
    })),
  field: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: fc.constantFrom(...LEAVES), weight: 4 },
    { arbitrary: tie("branch"), weight: 2 },
    {
      arbitrary: tie("branch").map((inside) => ({ type: "nested", ...inside })),
      weight: 1,
    },
  ),
}));

const collection = fc.record({
  mappings: branch,
  settings: fc.oneof(
    { arbitrary: fc.constant({}), weight: 3 },
    {
      arbitrary: fc.constantFrom<object>(
        { "mapping.ignore_malformed": true },
        { "mapping.coerce": false },
        { default_pipeline: "_none" },
      ),
      weight: 1,
    },
  ),
});

const scalar = fc.constantFrom<unknown>(
  ...[1, 0, -1, 3.7, 1e30, 2 ** 40, true, false, null],
  ...["", " ", "3", "3.7", "1e3", "plenty", "true", "false", "NaN", "Infinity"],
  ...["1d", "0x1f", "2020-01-01", "some day", "127.0.0.1", "d", "e", "L"],
);

const { body } = fc.letrec<{ body: Source; value: unknown }>((tie) => ({
  body: fc.dictionary(
    fc.oneof(
      { arbitrary: fc.constantFrom<string>(...NAMES), weight: 12 },
      {
        arbitrary: fc.constantFrom("unknown", "a.b", "b.c.d", "_kuzzle_info"),
        weight: 1,
      },
      {
        arbitrary: fc.constantFrom("_id", "_source", "_doc_count", "_routing"),
        weight: 1,
      },
    ),
    tie("value"),
    { maxKeys: 3, noNullPrototype: true },
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    { arbitrary: scalar, weight: 6 },
    { arbitrary: tie("body"), weight: 3 },
    {
      arbitrary: fc.array(tie("value"), { maxLength: 2 }),
      weight: 1,
    },
  ),
}));

/** The engine's decision on each body, by position: the reason for a rejection, if any. */
async function verdicts(
  place: readonly [string, string],
  documents: readonly WriteDocument[],
): Promise<Array<object | undefined>> {
  const lines = documents.flatMap(({ _id, body: content }) => [
    { index: { _id } },
    content,
  ]);
  const { items } = await ask(
    "POST",
    collectionPath(...place, "_bulk"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  return (items as Array<{ index: { error?: object } }>).map(
    ({ index }) => index.error,
  );
}

describe("validation and the engine's own decision", () => {
  const { store, close } = openStore();
  let refusals = 0;

  after(async () => {
    await close();
    assert.ok(refusals > 100, `only ${refusals} bodies were refused at all`);
  });

  it("[W2] validation accepts what versions after 7.10 accept without a mapping", async () => {
    const place = ["engine-tests", "preflight-metadata"] as const;
    await createCollection(...place, { dynamic: "strict", properties: {} });
    try {
      const documents: WriteDocument[] = [
        { ...WRITE, position: 0, _id: "a", body: { _doc_count: 2 } },
      ];
      const description = await store.describe(...place);

      assert.deepEqual(validateMapping(documents, description), []);
      const [refused] = await verdicts(place, documents);
      const { version } = await ask("GET", "/");
      const isTaken = !version.number.startsWith("7.10.");
      assert.equal(refused === undefined, isTaken);
    } finally {
      await deleteCollection(...place);
    }
  });

  for (let round = 1; round <= ROUNDS; round++) {
    it(`[W2] validation is never stricter, mapping ${round}`, async () => {
      const seed = fc.sample(fc.integer(), 1)[0] as number;
      const { mappings, settings } = fc.sample(collection, {
        numRuns: 1,
        seed,
      })[0] as { mappings: object; settings: object };
      const place = ["engine-tests", `preflight-${round}`] as const;
      await createCollection(...place, mappings, settings);
      try {
        const documents = fc
          .sample(body, { numRuns: BODIES, seed })
          .map((content, position) => ({
            ...WRITE,
            position,
            _id: String(position),
            body: content,
          }));
        // before the engine's decision, because a dynamic mapping changes with what it
        // receives
        const description = await store.describe(...place);
        const refused = validateMapping(documents, description);
        const theirs = await verdicts(place, documents);
        refusals += refused.length;

        for (const { position, failure } of refused) {
          assert.ok(
            theirs[position] !== undefined,
            `seed ${seed}: the engine accepts ${JSON.stringify(documents[position]?.body)} ` +
              `under ${JSON.stringify({ mappings, settings })}, we say: ${failure.reason}`,
          );
        }
      } finally {
        await deleteCollection(...place);
      }
    }).timeout(60_000);
  }
});
