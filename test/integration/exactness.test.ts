/**
 * Documents as text are written and read in every way, and come out byte for byte as they
 * went in.
 */
import { randomUUID } from "node:crypto";

import fc from "fast-check";
import should from "should";

import { storedTexts, storeText } from "../../features/support/bytes";
import {
  asAdmin,
  createCollection,
  releaseCollection,
  switchPipes,
} from "../../features/support/kuzzle";
import { survivesRewriting } from "../../lib/core/validation/jsonNumber";
import { anyNumber, comparable, objectTexts } from "../support/jsonTexts";
import { ExactWays, type TextDocument } from "./support/ExactWays";

const INDEX = "exactness";
const COLLECTION = "any";
const ALIAS = encodeURIComponent(`@&${INDEX}.${COLLECTION}`);

describe("Exactness", function () {
  this.timeout(240_000);

  const ways = new ExactWays(INDEX, COLLECTION);
  const { writers, readers, updaters } = ways;
  const plainly = writers.http!.write;

  before(async () => {
    await createCollection(`${INDEX}:${COLLECTION}`);
    await asAdmin({
      controller: "collection",
      action: "update",
      index: INDEX,
      collection: COLLECTION,
      body: {
        mappings: { dynamic: "false", properties: { when: { type: "date" } } },
      },
    });
    await ways.open();
  });

  after(async () => {
    await ways.close();
    await releaseCollection(`${INDEX}:${COLLECTION}`, false);
  });

  /** Random documents with their own ids; fewer runs mean more documents per run. */
  function assertFor(
    runs: number,
    check: (documents: readonly TextDocument[]) => Promise<void>,
    number = anyNumber,
  ): Promise<void> {
    const texts = fc.array(objectTexts(number), {
      minLength: Math.ceil(50 / runs),
      maxLength: Math.ceil(250 / runs),
    });
    return fc.assert(
      fc.asyncProperty(texts, (all) =>
        check(all.map((json) => ({ _id: randomUUID(), json }))),
      ),
      { numRuns: runs },
    );
  }

  const idsOf = (documents: readonly TextDocument[]) =>
    documents.map(({ _id }) => _id);

  function assertShown(answer: string, parts: readonly string[]): void {
    for (const part of parts) {
      // not with should, which would print the whole response
      if (!answer.includes(part)) {
        throw new Error(`${part} is not in ${answer.slice(0, 2_000)}`);
      }
    }
  }

  for (const [way, { write, shown, runs }] of Object.entries(writers)) {
    it(`[R13, W3] a text is stored byte for byte, and answered so: ${way}`, () =>
      assertFor(runs, async (documents) => {
        const answer = await write(documents);
        const stored = await storedTexts(ALIAS, idsOf(documents));
        for (const document of documents) {
          should(stored.get(document._id)?.text).equal(document.json, answer);
          assertShown(answer, shown(document));
        }
      }));
  }

  for (const [way, { read, shown, runs }] of Object.entries(readers)) {
    it(`[R13, D1, D2] a document is answered byte for byte: ${way}`, () =>
      assertFor(runs, async (documents) => {
        await plainly(documents);
        const answer = await read(idsOf(documents));
        for (const document of documents) assertShown(answer, shown(document));
      }));
  }

  const survivor = anyNumber.filter(survivesRewriting);
  for (const [way, { update, shown, runs }] of Object.entries(updaters)) {
    it(`[R13, U1, U3] an update keeps each value, and answers what is stored: ${way}`, () =>
      assertFor(
        runs,
        async (documents) => {
          const ids = idsOf(documents);
          await plainly(ids.map((_id) => ({ _id, json: "{}" })));
          const answer = await update(documents);
          const stored = await storedTexts(ALIAS, ids);
          for (const { _id, json } of documents) {
            const text = stored.get(_id)?.text as string;
            assertShown(
              answer,
              shown({ _id, json: text }).map((part) => part.slice(0, -1)),
            );
            const { _kuzzle_info, ...rest } = comparable(text) as Record<
              string,
              unknown
            >;
            should(_kuzzle_info).have.keys("updatedAt", "updater");
            should(rest).eql(comparable(json), answer);
          }
        },
        survivor,
      ));
  }

  describe("if listeners read the responses", () => {
    before(() => switchPipes(["looking on"]));
    after(() => switchPipes([]));

    const ofBatch = <Way>(all: Record<string, Way>) =>
      Object.entries(all).filter(([way]) => !/client|command/.test(way));

    for (const [way, { read, shown }] of ofBatch(readers)) {
      it(`[R13] a document is answered byte for byte: ${way}`, () =>
        assertFor(5, async (documents) => {
          await plainly(documents);
          const answer = await read(idsOf(documents));
          for (const each of documents) assertShown(answer, shown(each));
        }));
    }

    for (const [way, { write, shown }] of ofBatch(writers)) {
      it(`[R13] what is written is answered byte for byte: ${way}`, () =>
        assertFor(5, async (documents) => {
          const answer = await write(documents);
          for (const each of documents) assertShown(answer, shown(each));
        }));
    }
  });

  describe("where pipes see the documents", () => {
    before(() => switchPipes(["generic reading", "native reading", "writing"]));
    after(() => switchPipes([]));

    const textual = <Way>(all: Record<string, Way>) =>
      Object.entries(all).filter(([way]) =>
        /as text|the client|the command/.test(way),
      );

    for (const [way, { read, shown, runs }] of textual(readers)) {
      it(`[R6, R13] one that they leave as it is is answered byte for byte: ${way}`, () =>
        assertFor(Math.min(runs, 5), async (documents) => {
          await plainly(documents);
          const answer = await read(idsOf(documents));
          for (const each of documents) assertShown(answer, shown(each));
        }));
    }

    for (const [way, { write, shown, runs }] of textual(writers)) {
      it(`[R6, R13] one that they leave as it is is stored byte for byte: ${way}`, () =>
        assertFor(Math.min(runs, 5), async (documents) => {
          const answer = await write(documents);
          const stored = await storedTexts(ALIAS, idsOf(documents));
          for (const each of documents) {
            should(stored.get(each._id)?.text).equal(each.json, answer);
            assertShown(answer, shown(each));
          }
        }));
    }
  });

  it("[R7, R13] a repeated name is an error of its document, in every way", async () => {
    const documents = [
      { _id: "twice", json: '{"a":1,"a":2}' },
      { _id: "once", json: '{"a":1}' },
    ];
    await storeText(ALIAS, "once", "{}");
    for (const answer of [
      await plainly(documents),
      await updaters.http!.update(documents),
    ]) {
      const { result } = JSON.parse(answer);
      should(result.successes).have.length(1);
      should(result.errors[0]).containEql({
        position: 0,
        code: "invalid",
        document: documents[0],
      });
    }
  });

  it("[R7, R13] a document that Elasticsearch 8 cannot parse fails alone", async () => {
    await plainly(["long", "sound"].map((_id) => ({ _id, json: "{}" })));
    for (const json of [
      `{"a":${"1".repeat(2_000)}}`,
      `{"${"n".repeat(60_000)}":1}`,
    ]) {
      const documents = [
        { _id: "long", json },
        { _id: "sound", json: '{"a":1}' },
      ];
      for (const name of ["http", "http, batchWrite upsert"]) {
        const { result } = JSON.parse(
          (await updaters[name]?.update(documents)) as string,
        );
        should(result.errors).match([{ position: 0, code: "invalid" }]);
        should(result.successes ?? result.results).match([{ _id: "sound" }]);
      }
    }
  });

  const held = anyNumber.filter((digits) => Number.isFinite(Number(digits)));
  for (const [name, masked] of Object.entries(ways.masked)) {
    it(`[R13] under a mask whole numbers survive, and decimals as doubles do: ${name}`, () =>
      assertFor(
        10,
        async (documents) => {
          await plainly(documents);
          for (const { _id, json } of documents) {
            const members = Object.entries(comparable(json) as object);
            should(comparable(await masked(_id, "a*,1*"))).eql(
              Object.fromEntries(members.filter(([key]) => /^[a1]/.test(key))),
              json,
            );
          }
        },
        held,
      ));
  }

  it("[R13] under a mask a number beyond the range of doubles is returned as text", async () => {
    await plainly([{ _id: "masked", json: '{"a":1e400,"b":-1e400}' }]);
    const cut = await ways.masked.http?.("masked", "a,b");
    should(JSON.parse(cut as string)).eql({ a: "Infinity", b: "-Infinity" });
  });

  for (const name of ["create", "upsert"]) {
    it(`[R13, M1] a new document keeps each value, and has its metadata: ${name}`, () =>
      assertFor(
        10,
        async (documents) => {
          const answer = await ways.post("batchWrite?source=true", {
            operations: documents.map((each) => ({ [name]: each })),
          });
          const stored = await storedTexts(ALIAS, idsOf(documents));
          for (const { _id, json } of documents) {
            const text = stored.get(_id)?.text as string;
            assertShown(answer, [text]);
            const { _kuzzle_info, ...rest } = comparable(text) as Record<
              string,
              unknown
            >;
            should(_kuzzle_info).have.property("author");
            should(rest).eql(comparable(json), answer);
          }
        },
        survivor,
      ));
  }

  it("[R13, W3] a rollback restores the previous state byte for byte", () =>
    assertFor(10, async (documents) => {
      await plainly(documents);
      const answer = await ways.post("batchWrite?atomic", {
        operations: [
          ...documents.map(({ _id }, i) =>
            i % 2 === 0
              ? { delete: { _id } }
              : { write: { _id, json: '{"n":-0.0}' } },
          ),
          { write: { _id: randomUUID(), json: '{"when":"no date"}' } },
        ],
      });
      should(JSON.parse(answer).error?.id).equal("batch.write.rolled_back");
      const stored = await storedTexts(ALIAS, idsOf(documents));
      for (const { _id, json } of documents) {
        should(stored.get(_id)?.text).equal(json, answer);
      }
    }));
});
