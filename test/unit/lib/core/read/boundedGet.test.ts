import fc from "fast-check";
import should from "should";

import { batchGet, readParts } from "../../../../../lib/core/read/batchGet";
import { sourceOf } from "../../../../../lib/core/RawSource";
import type { ExecutionContext } from "../../../../../lib/core/ExecutionContext";
import type {
  GetCommand,
  GetResult,
  RequestedDocument,
} from "../../../../../lib/core/commands";
import { getCommand } from "../../../../support/commands";
import { failureOf } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

const COLLECTIONS = ["yellow", "green"];

const world = fc.record({
  /** the size of each document, by collection and number; 0 is missing */
  sizes: fc.array(
    fc.tuple(
      fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 })),
      fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 })),
    ),
    { minLength: 1, maxLength: 12 },
  ),
  asked: fc.array(
    fc.record(
      {
        n: fc.nat(11),
        collection: fc.constantFrom(...COLLECTIONS),
        isDefect: fc.boolean(),
      },
      { requiredKeys: ["n"] },
    ),
    { maxLength: 20 },
  ),
  failing: fc.option(fc.nat(11), { nil: undefined }),
  maxResponseBytes: fc.integer({ min: 50, max: 3_000 }),
  readChunkDocuments: fc.integer({ min: 1, max: 5 }),
  maxConcurrency: fc.integer({ min: 1, max: 3 }),
  tellsBytes: fc.boolean(),
  isRaw: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function storeOf({ sizes, failing, tellsBytes }: World): FakeStore {
  const store = new FakeStore({
    tellsBytes,
    getItem: ({ _id }) =>
      _id === `d${failing}` ? failureOf("other") : undefined,
  });
  sizes.forEach((pair, n) =>
    pair.forEach((size, i) => {
      if (size > 0) {
        store.put(COLLECTIONS[i] as string, `d${n}`, { x: "x".repeat(size) });
      }
    }),
  );
  return store;
}

function commandOf({ asked, maxResponseBytes, isRaw }: World) {
  const questions: RequestedDocument[] = asked.map(
    ({ n, collection }, position) => ({
      position,
      _id: `d${n}`,
      byAddress: true,
      ...(collection !== undefined && { collection }),
    }),
  );
  const isDefect = ({ position }: RequestedDocument) =>
    asked[position]?.isDefect === true;
  return getCommand({
    asked: questions.filter((each) => !isDefect(each)),
    validationErrors: questions.filter(isDefect).map(({ position, _id }) => ({
      position,
      asked: _id,
      failure: failureOf("invalid"),
    })),
    collections: COLLECTIONS,
    maxResponseBytes,
    isRaw,
  });
}

function bytesOf({ documents }: GetResult): number {
  return documents
    .map((document) => Buffer.byteLength(JSON.stringify(document)))
    .reduce((sum, size) => sum + size, 0);
}

/** The parsed documents: an unparsed source is a slice of its response. */
function parsed({ documents }: Pick<GetResult, "documents">) {
  return documents.map((each) => ({ ...each, _source: sourceOf(each) }));
}

describe("batchGet with a bound", () => {
  it("[G3, R14] reads no more for a mask that it applies itself than for whole documents", async () => {
    const store = new FakeStore();
    const asked = Array.from({ length: 100 }, (_, position) => ({
      ...{ position, _id: `d${position}`, byAddress: true },
      collection: "yellow",
    }));
    for (const { _id } of asked) {
      store.put("yellow", _id, { x: "x".repeat(400), y: 1 });
    }
    const { documents, unprocessed } = await batchGet(
      getCommand({
        asked,
        maxResponseBytes: 4_000,
        source: { kind: "fields", includes: ["y*"], excludes: [] },
      }),
      testEngine(store, { readChunkDocuments: 5, maxConcurrency: 1 }),
    );
    const reads = store.getCalls.flatMap(({ addresses }) => addresses);

    should(documents.map(sourceOf)).matchEach({ y: 1 });
    should(documents.length).be.within(5, 15);
    should(documents.length + unprocessed.length).equal(100);
    should(reads.length).be.belowOrEqual(15);
  });

  it("[G3] leaves the tail of the request unprocessed, and returns everything before it", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const command = commandOf(given);
        const bounded = await batchGet(
          command,
          testEngine(storeOf(given), given),
        );
        const whole = await batchGet(
          { ...command, maxResponseBytes: Infinity },
          testEngine(storeOf(given), given),
        );
        const left = bounded.unprocessed.map(({ position }) => position);
        const first = left[0] ?? Infinity;
        const isBefore = ({ position }: { position: number }) =>
          position < first;

        should(bounded.missing).eql(whole.missing.filter(isBefore));
        // every distinct document from there on, and nothing else
        const seen = new Set<string>();
        const tail = command.asked.filter(({ _id, collection, position }) => {
          const question = `${collection}/${_id}`;
          const isNew = !seen.has(question);
          seen.add(question);
          return isNew && position >= first;
        });
        should(left).eql(tail.map(({ position }) => position));

        const answered = bounded.documents.length + tooLarge(bounded).length;
        should(
          whole.documents
            .slice(0, answered)
            .map(({ collection, _id }) => `${collection}/${_id}`)
            .sort(),
        ).eql(
          [...bounded.documents, ...tooLarge(bounded)]
            .map(({ collection, _id }) => `${collection}/${String(_id)}`)
            .sort(),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("[G3] keeps the documents below the limit if the engine sent more", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const result = await batchGet(
          commandOf(given),
          testEngine(storeOf({ ...given, tellsBytes: false }), given),
        );
        should(bytesOf(result)).be.belowOrEqual(given.maxResponseBytes);
      }),
      { numRuns: 200 },
    );
  });

  it("[G3] returns at least one requested document, so that a caller makes progress", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { asked, validationErrors } = commandOf(given);
        const result = await batchGet(
          commandOf(given),
          testEngine(storeOf(given), given),
        );
        should(
          result.unprocessed.length < asked.length || asked.length === 0,
        ).be.true();
        should(result.errors.length).be.aboveOrEqual(validationErrors.length);
      }),
    );
  });

  it("[G3] looks up the first id in every collection, whatever the limit", async () => {
    const store = new FakeStore();
    store.put("yellow", "a", { x: "x".repeat(600) });
    const result = await batchGet(
      getCommand({
        asked: [{ position: 0, _id: "a", byAddress: false }],
        collections: ["yellow", "green"],
        maxResponseBytes: 50,
      }),
      testEngine(store, { readChunkDocuments: 1, maxConcurrency: 1 }),
    );
    should(result.unprocessed).be.empty();
    should(result.errors).have.length(1);
    should(result.errors[0]).containEql({ code: "too_large" });
  });

  it("[G3] returns nothing after what it left out, even if it would fit", async () => {
    const store = new FakeStore();
    [600, 600, 1].forEach((size, n) =>
      store.put("yellow", `d${n}`, { x: "x".repeat(size) }),
    );
    const { documents, missing, unprocessed } = await batchGet(
      getCommand({
        asked: ["d0", "d1", "d2", "gone"].map((_id, position) => ({
          position,
          _id,
          byAddress: false,
          collection: "yellow",
        })),
        maxResponseBytes: 1_000,
      }),
      testEngine(store),
    );

    should(documents.map(({ _id }) => _id)).eql(["d0"]);
    should(missing).eql([]);
    should(unprocessed.map(({ position }) => position)).eql([1, 2, 3]);
  });

  it("[G3] an id whose documents do not fit into any response is an error", async () => {
    const store = new FakeStore();
    COLLECTIONS.forEach((collection) =>
      store.put(collection, "a", { x: "x".repeat(300) }),
    );
    const result = await batchGet(
      getCommand({
        asked: [{ position: 0, _id: "a", byAddress: false }],
        collections: COLLECTIONS,
        maxResponseBytes: 500,
      }),
      testEngine(store),
    );

    should(result.documents.map(({ collection }) => collection)).eql([
      "yellow",
    ]);
    should(result.errors).containDeep([
      { _id: "a", collection: "green", position: 0, code: "too_large" },
    ]);
    should(result.unprocessed).eql([]);
  });

  it("[G3] makes no more calls when the response is full", async () => {
    const store = new FakeStore();
    const ids = Array.from({ length: 40 }, (_, i) => `d${i}`);
    ids.forEach((_id) => store.put("yellow", _id, { x: "x".repeat(500) }));
    await batchGet(
      getCommand({
        asked: ids.map((_id, position) => ({
          position,
          _id,
          collection: "yellow",
          byAddress: false,
        })),
        maxResponseBytes: 2_000,
      }),
      testEngine(store, { readChunkDocuments: 2, maxConcurrency: 2 }),
    );

    should(store.getCalls.length).be.within(2, 4);
  });
});

describe("readParts, streamed", () => {
  function streamed(command: GetCommand, execution: ExecutionContext) {
    return readParts(command, execution, undefined, "streamed");
  }

  async function collect(given: World, store = storeOf(given)) {
    const all = { documents: [], missing: [], errors: [] } as Pick<
      GetResult,
      "documents" | "missing" | "errors"
    >;
    const kinds: string[] = [];
    let stats: GetResult["stats"] | undefined;
    const parts = streamed(commandOf(given), testEngine(store, given));
    for await (const part of parts) {
      kinds.push(part.kind);
      if (part.kind === "stats") {
        stats = part.stats;
      } else {
        all.documents.push(...part.lists.documents);
        all.missing.push(...part.lists.missing);
        all.errors.push(...part.lists.errors);
      }
    }
    return { all, kinds, stats, store };
  }

  it("[G5, R1] yields what batchGet returns without a limit, in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { all, stats } = await collect(given);
        const whole = await batchGet(
          { ...commandOf(given), maxResponseBytes: Infinity },
          testEngine(storeOf(given), given),
        );

        should(parsed(all)).eql(parsed(whole));
        should(all.missing).eql(whole.missing);
        should([...all.errors].sort((a, b) => a.position - b.position)).eql(
          whole.errors,
        );
        should(stats).containEql({
          requested: whole.stats.requested,
          unique: whole.stats.unique,
          duplicates: whole.stats.duplicates,
          found: whole.stats.found,
          notFound: whole.stats.notFound,
          errors: whole.stats.errors,
        });
      }),
    );
  });

  it("[G5] has the stats in its last part, and there only", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { kinds } = await collect(given);
        should(kinds.indexOf("stats")).equal(kinds.length - 1);
      }),
    );
  });

  it("[G5, G2] looks up each address once, about one call at a time", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { store } = await collect(given);
        const looked = store.getCalls.flatMap(({ addresses }) =>
          addresses.map(({ collection, _id }) => `${collection}/${_id}`),
        );
        should(new Set(looked).size).equal(looked.length);
        for (const { addresses } of store.getCalls) {
          should(addresses.length).be.belowOrEqual(given.readChunkDocuments);
        }
      }),
    );
  });

  it("[G5] begins no further call before its last part is taken", async () => {
    const store = new FakeStore();
    const parts = streamed(
      getCommand({
        asked: ["a", "b", "c"].map((_id, position) => ({
          position,
          _id,
          collection: "yellow",
          byAddress: false,
        })),
      }),
      testEngine(store, { readChunkDocuments: 1 }),
    );
    await parts.next();
    should(store.calls).have.length(0);
    await parts.next();
    should(store.calls).have.length(1);
    await parts.return();
    should(store.calls).have.length(1);
  });
});

function tooLarge({ errors }: GetResult): GetResult["errors"] {
  return errors.filter(({ code }) => code === "too_large");
}
