/**
 * Documents stored by another program that are not JSON: Elasticsearch accepts comments and
 * a byte order mark.
 */
import assert from "node:assert/strict";

import { storeText } from "../../features/support/bytes";
import {
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { NOT_JSON } from "../../lib/core/outcome";
import { ExactWays } from "./support/ExactWays";

const INDEX = "not-json";
const COLLECTION = "any";
const ALIAS = encodeURIComponent(`@&${INDEX}.${COLLECTION}`);

const BAD = {
  comment: '{"a":/* } " ] */1}',
  behind: '{"a":1} // x',
  mark: '\ufeff{"a":1}',
};
const IDS = ["first", ...Object.keys(BAD), "last"];
/** Mixpeek's API has no place for errors: a failure fails the whole request. */
const WITHOUT_ERRORS = /Mixpeek/;
/** These throw on errors, and give the caller the documents found. */
const THROWING = /client|command|sdk/i;

describe("documents that are not JSON", function () {
  this.timeout(120_000);

  const ways = new ExactWays(INDEX, COLLECTION);
  const { readers, updaters, writers, masked } = ways;

  before(async () => {
    await createCollection(`${INDEX}:${COLLECTION}`);
    await ways.open();
  });

  beforeEach(async () => {
    await storeText(ALIAS, "first", '{"n":1.10}');
    await storeText(ALIAS, "last", '{"n":2.50}');
    for (const [id, text] of Object.entries(BAD)) {
      await storeText(ALIAS, id, text);
    }
  });

  after(async () => {
    await ways.close();
    await releaseCollection(`${INDEX}:${COLLECTION}`, false);
  });

  for (const [name, { read }] of Object.entries(readers)) {
    if (WITHOUT_ERRORS.test(name) || THROWING.test(name)) continue;
    it(`[R7] are errors of their own, beside those that are found: ${name}`, async () => {
      const answer = await read(IDS);
      assert.equal(answer.split(NOT_JSON.reason).length - 1, 3, answer);
      assert.match(answer, /1\.10/);
      assert.match(answer, /2\.50/);
    });
  }

  it("[R7] are filtered by a mask like any other, because the engine then parses them", async () => {
    const { http } = masked;
    for (const id of Object.keys(BAD)) {
      assert.equal(await http!(id, "a"), '{"a":1}');
    }
  });

  it("[R7] can be updated, because the engine converts them to JSON", async () => {
    const answer = await updaters.http!.update(
      IDS.map((_id) => ({ _id, json: '{"b":1}' })),
    );
    const { successes } = JSON.parse(answer).result;
    assert.deepEqual(
      successes.map(({ _source }: any) => _source.b),
      [1, 1, 1, 1, 1],
    );
  });

  for (const name of ["replace", "createOrReplace", "update"]) {
    it(`[R7] can be changed by a batchWrite's ${name}`, async () => {
      const way = updaters[`http, batchWrite ${name}`];
      const answer = await way!.update(
        IDS.map((_id) => ({ _id, json: '{"b":1}' })),
      );
      assert.deepEqual(JSON.parse(answer).result.errors, [], answer);
    });
  }

  it("[R7, W3] make an atomic batch fail, because they could not be restored", async () => {
    const answer = JSON.parse(
      await writers["http, atomic"]!.write(
        IDS.map((_id) => ({ _id, json: '{"b":1}' })),
      ),
    );
    assert.equal(answer.error.id, "batch.write.rolled_back");
    assert.equal(answer.status, 409);
    assert.deepEqual(
      answer.error.errors.map(({ reason }: any) => reason === NOT_JSON.reason),
      [false, true, true, true, false],
    );
    assert.match(await readers.http!.read(["first"]), /1\.10/);
  });
});
