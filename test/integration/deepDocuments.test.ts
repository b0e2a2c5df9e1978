/**
 * Documents that are nested more deeply than the call stack allows, stored by another
 * program, or by Kuzzle in a collection that does not map them.
 */
import assert from "node:assert/strict";

import { storedTexts, storeText } from "../../features/support/bytes";
import {
  createCollection,
  releaseCollection,
  switchPipes,
} from "../../features/support/kuzzle";
import { ENGINE_MAJOR } from "./support/engine";
import { ExactWays } from "./support/ExactWays";

const INDEX = "deep-documents";
const COLLECTION = "any";
const ALIAS = encodeURIComponent(`@&${INDEX}.${COLLECTION}`);
const IDS = ["first", "deep", "last"];

/** Elasticsearch 8 stores at most 1,000 levels. */
const LEVELS = ENGINE_MAJOR === "7" ? 2_000 : 990;
const DEEP = `{"a":${'{"a":'.repeat(LEVELS)}1.50${"}".repeat(LEVELS)}}`;
const REASON = /nested too deeply/;
/** Mixpeek's API has no place for errors, and these throw on them. */
const WITHOUT_ERRORS = /Mixpeek|client|command|pretty/;

describe("documents that are nested deeply", function () {
  this.timeout(12_000);

  const ways = new ExactWays(INDEX, COLLECTION);
  const readers = Object.entries(ways.readers).filter(
    ([name]) => !WITHOUT_ERRORS.test(name),
  );

  before(async () => {
    await createCollection(`${INDEX}:${COLLECTION}`, { dynamic: "false" });
    await storeText(ALIAS, "first", '{"n":1.10}');
    await storeText(ALIAS, "deep", DEEP);
    await storeText(ALIAS, "last", '{"n":2.50}');
    const stored = await storedTexts(ALIAS, ["deep"]);
    assert.equal(stored.get("deep")?.text, DEEP);
    await ways.open();
  });

  after(async () => {
    await ways.close();
    await releaseCollection(`${INDEX}:${COLLECTION}`, false);
  });

  for (const [name, { read, shown }] of readers) {
    it(`[R13, R14] are answered as they are: ${name}`, async () => {
      const answer = await read(IDS);
      for (const part of shown({ _id: "deep", json: DEEP })) {
        assert.ok(answer.includes(part), answer.slice(0, 2_000));
      }
      assert.match(answer, /2\.50/);
    });
  }

  it("[R7, R14] fail alone under a mask that the plugin applies", async () => {
    assertFailsAlone(await ways.post("batchGet?source=a*,n", { ids: IDS }), 0);
    assertFailsAlone(await ways.post("batchGet?source=a*b,n", { ids: IDS }));
  });

  describe("where pipes see the documents", () => {
    before(() => switchPipes(["generic reading", "native reading"]));
    after(() => switchPipes([]));

    for (const [name, { read }] of readers) {
      it(`[R6, R14] fail alone: ${name}`, async () => {
        assertFailsAlone(await read(IDS));
      });
    }
  });

  it("[W3, R14] are restored by a rollback", async () => {
    const answer = await ways.post("batchWrite?atomic", {
      operations: [
        { delete: { _id: "first" } },
        { write: { _id: "deep", body: {} } },
        { delete: { _id: "nowhere" } },
      ],
    });
    assert.match(answer, /batch\.write\.rolled_back/);
    const stored = await storedTexts(ALIAS, ["deep"]);
    assert.equal(stored.get("deep")?.text, DEEP);
  });

  /**
   * @param failures number of failures for such a document, if the engine stores it at all
   */
  function assertFailsAlone(answer: string, failures = 1): void {
    const expected = LEVELS > 1_000 ? failures : 0;
    assert.equal(answer.split(REASON).length - 1, expected, answer);
    assert.match(answer, /1\.10?/);
    assert.match(answer, /2\.50?/);
  }
});
