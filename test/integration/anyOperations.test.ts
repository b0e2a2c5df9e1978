/** Any list of operations, executed by the engine and by a model of their meaning. */
import fc from "fast-check";
import _ from "lodash";
import should from "should";

import {
  adminJwt,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { query, type Answer } from "../../features/support/transports";
import { OPERATIONS } from "../../lib/core/validation/writeInput";
import type { Source } from "../../lib/types";
import { DocumentModel, type ModelOperation } from "../support/DocumentModel";

const INDEX = "any-operations";
const COLLECTIONS = ["yellow", "green", "blue"];
const IDS = ["a", "b", "c"];

const operation: fc.Arbitrary<ModelOperation> = fc
  .record({
    op: fc.constantFrom(...OPERATIONS),
    collection: fc.constantFrom(...COLLECTIONS),
    _id: fc.constantFrom(...IDS),
    field: fc.constantFrom("x", "y"),
    n: fc.nat(),
    ifAbsent: fc.boolean(),
  })
  .map(({ op, collection, _id, field, n, ifAbsent }) => ({
    ...{ op, collection, _id },
    body: op === "delete" ? {} : { [field]: n },
    ...(op === "upsert" && { defaults: { z: n } }),
    ...(op === "write" && ifAbsent && { ifAbsent }),
  }));

const addressOf = ({ collection, _id }: ModelOperation): string =>
  `${collection}/${_id}`;

/** In the form of a request. */
function asked({ op, body, defaults, ...rest }: ModelOperation): object {
  const content =
    op === "upsert"
      ? { changes: body, default: defaults }
      : op !== "delete" && { body };
  return { [op]: { ...rest, ...content } };
}

describe("any operations of a batchWrite", function () {
  this.timeout(120_000);

  before(async () => {
    for (const each of COLLECTIONS) await createCollection(`${INDEX}:${each}`);
  });
  after(async () => {
    for (const each of COLLECTIONS) {
      await releaseCollection(`${INDEX}:${each}`, false);
    }
  });

  function batch(action: string, args: object): Promise<Answer> {
    const jwt = adminJwt();
    return query({ controller: "batch", action, index: INDEX, ...args, jwt });
  }

  /** Starts with these few documents and no others. */
  async function begin(first: readonly string[]): Promise<DocumentModel> {
    const all = COLLECTIONS.flatMap((collection) =>
      IDS.map((_id) => ({ collection, _id })),
    );
    const model = new DocumentModel();
    const operations = all.map((each) => {
      const address = `${each.collection}/${each._id}`;
      if (!first.includes(address)) return { delete: each };
      model.rows.set(address, { first: true });
      return { write: { ...each, body: { first: true } } };
    });
    const { error } = await batch("batchWrite", { body: { operations } });
    should(error).be.null();
    return model;
  }

  /** Without Kuzzle's metadata. */
  async function stored(): Promise<Map<string, Source>> {
    const documents = COLLECTIONS.flatMap((collection) =>
      IDS.map((_id) => ({ collection, _id })),
    );
    const { result } = await batch("batchGet", { body: { documents } });
    const { documents: found, errors } = result as any;
    should(errors).eql([]);
    return new Map(
      (found as any[]).map(({ collection, _id, _source }) => [
        `${collection}/${_id}`,
        _.omit(_source, "_kuzzle_info"),
      ]),
    );
  }

  const beginning = fc.subarray(
    COLLECTIONS.flatMap((collection) =>
      IDS.map((_id) => `${collection}/${_id}`),
    ),
  );

  it("[M2, W4, R1] leaves and reports the same as an in-memory model", () =>
    fc.assert(
      fc.asyncProperty(
        beginning,
        fc.array(operation, { minLength: 1, maxLength: 30 }),
        async (first, list) => {
          const model = await begin(first);
          const { result } = await batch("batchWrite", {
            body: { operations: list.map(asked) },
          });
          const expected = list.map((each) => model.apply(each));
          const { results, errors } = result as any;
          const told = [
            ...results.map(({ position }: any) => [position, "done"]),
            ...errors.map(({ position, code }: any) => [position, code]),
          ];
          should(_.sortBy(told, 0)).eql(expected.map((each, i) => [i, each]));
          should(await stored()).eql(model.rows);
        },
      ),
      { numRuns: 60 },
    ));

  it("[M3, W3] atomic leaves either all of that or the previous state", () =>
    fc.assert(
      fc.asyncProperty(
        beginning,
        fc.array(operation, { minLength: 1, maxLength: 8 }),
        async (first, list) => {
          const operations = _.uniqBy(list, addressOf);
          const model = await begin(first);
          const before = new Map(model.rows);
          const expected = operations.map((each) => model.apply(each));
          const isWhole = expected.every((each) => each === "done");
          const { error, result } = await batch("batchWrite", {
            ...{ atomic: true, body: { operations: operations.map(asked) } },
          });
          if (isWhole) {
            should(result).match({ atomic: { state: "committed" } });
          } else {
            should(error).match({ id: "batch.write.rolled_back" });
            should(error?.errors).have.length(operations.length);
          }
          should(await stored()).eql(isWhole ? model.rows : before);
        },
      ),
      { numRuns: 60 },
    ));
});
