import fc from "fast-check";
import should from "should";

import { batchGet } from "../../../../../lib/core/read/batchGet";
import { RawSource, sourceOf } from "../../../../../lib/core/RawSource";
import type { GetCommand, GetResult } from "../../../../../lib/core/commands";
import { getCommand } from "../../../../support/commands";
import { failureOf } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

describe("batchGet of any list of addresses", () => {
  const COLLECTIONS = ["yellow", "green", "red"];
  const IDS = ["a", "b", "c", "toString", "é\u0001"];

  type Ending = "found" | "missing" | "failed" | "rejected once";

  const world = fc.record({
    asked: fc.array(
      fc.record(
        {
          _id: fc.constantFrom(...IDS),
          collection: fc.constantFrom(...COLLECTIONS),
          invalid: fc.boolean(),
        },
        { requiredKeys: ["_id"] },
      ),
      { maxLength: 25 },
    ),
    endings: fc.array(
      fc.constantFrom<Ending>("found", "missing", "failed", "rejected once"),
      {
        minLength: COLLECTIONS.length * IDS.length,
        maxLength: COLLECTIONS.length * IDS.length,
      },
    ),
    collections: fc.subarray(COLLECTIONS, { minLength: 1 }),
    readChunkDocuments: fc.integer({ min: 1, max: 7 }),
    maxConcurrency: fc.integer({ min: 1, max: 4 }),
    turns: fc.array(fc.nat(4), { minLength: 1 }),
    isRaw: fc.boolean(),
  });
  type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

  function endingIn(
    { endings }: World,
    collection: string,
    _id: string,
  ): Ending {
    const place =
      COLLECTIONS.indexOf(collection) * IDS.length + IDS.indexOf(_id);
    return endings[place] as Ending;
  }

  function commandOf({ asked, collections, isRaw }: World): GetCommand {
    const isInvalid = (each: World["asked"][number]) => each.invalid === true;
    const entries = asked.map((each, position) => ({ ...each, position }));
    return getCommand({
      asked: entries
        .filter((each) => !isInvalid(each))
        .map(({ _id, collection, position }) => ({
          position,
          _id,
          byAddress: true,
          ...(collection !== undefined && { collection }),
        })),
      validationErrors: entries.filter(isInvalid).map(({ _id, position }) => ({
        position,
        asked: _id,
        failure: failureOf("invalid"),
      })),
      collections,
      isRaw,
    });
  }

  async function run(given: World) {
    const store = new FakeStore();
    const rejected = new Set<string>();
    for (const collection of COLLECTIONS) {
      for (const _id of IDS) {
        const ending = endingIn(given, collection, _id);
        if (ending === "found" || ending === "rejected once") {
          store.put(collection, _id, { at: [collection, _id] });
        }
      }
    }
    let turn = 0;
    store.script = {
      getItem: ({ collection, _id }) => {
        const ending = endingIn(given, collection, _id);
        const address = `${collection}/${_id}`;
        if (ending === "rejected once" && !rejected.has(address)) {
          rejected.add(address);
          return failureOf("rejected");
        }
        return ending === "failed" ? failureOf("other") : undefined;
      },
      turns: () => given.turns[turn++ % given.turns.length] as number,
    };
    const command = commandOf(given);
    const result = await batchGet(command, testEngine(store, given));
    return { command, result, store };
  }

  it("[R1, R2, G2] accounts for each distinct requested document: found, missing or failed", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { command, result } = await run(given);
        const found = new Set(addressesOf(result));
        const failed = new Set(
          result.errors.map(
            ({ collection, _id }) => `${collection}/${String(_id)}`,
          ),
        );
        const missing = new Set(result.missing.map(({ position }) => position));
        const answered = new Set<string>();

        for (const { _id, collection, position } of command.asked) {
          const address = `${collection}/${_id}`;
          const isRepeat = answered.has(address);
          answered.add(address);
          const where =
            collection === undefined ? command.collections : [collection];
          const endings = where.map((each) => endingIn(given, each, _id));

          where.forEach((each, i) => {
            const isFound =
              endings[i] === "found" || endings[i] === "rejected once";
            should(found.has(`${each}/${_id}`)).equal(isFound);
            should(failed.has(`${each}/${_id}`)).equal(endings[i] === "failed");
          });
          should(missing.has(position)).equal(
            !isRepeat && endings.every((ending) => ending === "missing"),
          );
        }
        should(
          result.errors.filter(({ code }) => code === "invalid"),
        ).have.length(command.validationErrors.length);
      }),
    );
  });

  it("[R1, G2] returns no address twice and none that was not requested", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { command, result, store } = await run(given);
        const wanted = new Set(
          command.asked.flatMap(({ _id, collection }) =>
            (collection === undefined ? command.collections : [collection]).map(
              (each) => `${each}/${_id}`,
            ),
          ),
        );
        const answered = [
          ...addressesOf(result),
          ...result.errors
            .filter(({ code }) => code !== "invalid")
            .map(({ collection, _id }) => `${collection}/${String(_id)}`),
        ];

        should(new Set(answered).size).equal(answered.length);
        should(answered.every((address) => wanted.has(address))).be.true();
        const asked = store.getCalls.flatMap(({ addresses }) =>
          addresses.map(({ collection, _id }) => `${collection}/${_id}`),
        );
        should(asked.length - result.stats.retries).equal(wanted.size);
      }),
    );
  });

  it("[R3] keeps every list in the request's order", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { command, result } = await run(given);
        const firstAsked = (collection: string, _id: unknown) =>
          command.asked.findIndex(
            (each) =>
              each._id === _id &&
              (each.collection ?? collection) === collection &&
              (each.collection !== undefined ||
                command.collections.includes(collection)),
          );

        assertAscending(
          result.documents.map(({ collection, _id }) =>
            firstAsked(collection, _id),
          ),
        );
        assertAscending(result.missing.map(({ position }) => position));
        assertAscending(result.errors.map(({ position }) => position));
      }),
    );
  });

  it("[R3] gives each document its own source, parsed or not", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { result, store } = await run(given);
        for (const { isRaw } of store.getCalls) {
          should(isRaw).equal(given.isRaw);
        }
        for (const document of result.documents) {
          const { collection, _id, _source } = document;
          should(_source instanceof RawSource).equal(given.isRaw);
          should(sourceOf(document)).eql({ at: [collection, _id] });
        }
      }),
    );
  });

  it("[I1] has stats that match its lists", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { command, result, store } = await run(given);
        const { stats } = result;
        const addresses = new Set(
          command.asked.map(({ _id, collection }) => `${collection}/${_id}`),
        );
        should(stats).containEql({
          requested: given.asked.length,
          unique: addresses.size + command.validationErrors.length,
          duplicates: command.asked.length - addresses.size,
          found: result.documents.length,
          notFound: result.missing.length,
          errors: result.errors.length,
          engineCalls: store.getCalls.length,
        });
        should(Object.values(stats).every(Number.isInteger)).be.true();
      }),
    );
  });
});

function addressesOf({ documents }: GetResult): string[] {
  return documents.map(({ collection, _id }) => `${collection}/${_id}`);
}

function assertAscending(positions: readonly number[]): void {
  should(positions).eql([...positions].sort((a, b) => a - b));
}
