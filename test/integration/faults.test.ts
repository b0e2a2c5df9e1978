/** The outcome of a batch when the engine, or the connection to it, fails in the middle. */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import type { RunningKuzzle } from "../../scripts/stack/kuzzle";
import { adminJwt } from "../../features/support/kuzzle";
import { seededRandom } from "../support/testEngine";
import { startKuzzleBehind } from "./support/behindProxy";
import { ask, collectionPath } from "./support/engine";
import {
  cutAfterSending,
  FaultProxy,
  gatewayAnswers,
  halfABody,
  idsOf,
  only,
  pass,
  refuse,
  rejectItems,
  rejectLookups,
  resetInABody,
  silence,
  type Call,
  type Fault,
} from "./support/FaultProxy";
import { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";

const CHUNK = 50;
const TIMEOUT_MS = 1_500;
const INDEX = "faults";

type Entry = Record<string, any>;
interface WriteResult {
  successes: Entry[];
  errors: Entry[];
  stats: Entry;
}

function documents(count: number, change: object = {}): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    _id: String(i),
    body: { n: i, ...change },
  }));
}

describe("on a line that fails", function () {
  this.timeout(60_000);

  let proxy: FaultProxy;
  let kuzzle: RunningKuzzle;
  let asAdmin: KuzzleAsAdmin;
  let collection: string;
  let collections = 0;

  before(async () => {
    proxy = await FaultProxy.start();
    kuzzle = await startKuzzleBehind(proxy, "kuzzle-on-a-line-that-fails", {
      writeChunkDocuments: CHUNK,
      readChunkDocuments: CHUNK,
      engineTimeoutMs: TIMEOUT_MS,
      retryBaseDelayMs: 10,
      retryMaxDelayMs: 100,
      maxRetries: 20,
    });
    asAdmin = new KuzzleAsAdmin(kuzzle);
    await asAdmin.createIndex(INDEX);
  });

  after(async () => {
    proxy?.disturb("_bulk", INDEX, pass);
    await asAdmin?.deleteIndex(INDEX);
    await kuzzle?.stop();
    await proxy?.stop();
  });

  beforeEach(async () => {
    collection = `c${++collections}`;
    await asAdmin.createCollection(INDEX, collection);
  });

  function batch(action: string, body: Entry, args: Entry = {}) {
    return asAdmin.query({
      controller: "batch",
      action,
      index: INDEX,
      collection,
      body,
      ...args,
    });
  }

  async function write(sent: Entry[], args: Entry = {}): Promise<WriteResult> {
    const { error, result } = await batch("mWrite", { documents: sent }, args);
    should(error).be.null();
    return result as WriteResult;
  }

  /** The engine's version and source, by id. */
  async function stored(): Promise<Map<string, Entry>> {
    await proxy.quiet();
    await ask("POST", collectionPath(INDEX, collection, "_refresh"));
    const { hits } = await ask(
      "GET",
      collectionPath(INDEX, collection, "_search?size=1000&version=true"),
    );
    return new Map((hits.hits as Entry[]).map((hit) => [hit._id, hit]));
  }

  describe("in the middle of a bulk that continues", () => {
    const FAULTS: Record<string, Fault> = {
      "the line is cut": cutAfterSending,
      "half an answer comes": halfABody,
      "the line is reset in an answer": resetInABody,
      "no answer comes in time": silence,
      "a gateway answers 502": gatewayAnswers(502),
      "a gateway answers 503": gatewayAnswers(503),
      "a gateway answers 504": gatewayAnswers(504),
    };
    for (const [title, fault] of Object.entries(FAULTS)) {
      it(`[R10, R9, W1] ${title}: these are unknown outcomes, and sent once`, async () => {
        proxy.disturb(
          "_bulk",
          `${INDEX}.${collection}`,
          only((nth) => nth === 1, fault),
        );
        const { successes, errors, stats } = await write(documents(3 * CHUNK));

        should(successes).have.length(2 * CHUNK);
        should(errors).have.length(CHUNK);
        for (const error of errors) {
          should(error).containEql({
            code: "unknown_outcome",
            status: 500,
            retryable: false,
          });
        }
        should(stats).containEql({ engineCalls: 3, retries: 0 });
        // in case the client itself sends it again later
        await sleep(500);
        should(proxy.seen).have.length(3);
        const all = await stored();
        should(all.size).equal(3 * CHUNK);
        for (const { _version } of all.values()) {
          should(_version).equal(1);
        }
      });
    }

    it("[R10, W4] a later write of the same id is not sent, and changes nothing", async () => {
      proxy.disturb(
        "_bulk",
        `${INDEX}.${collection}`,
        only((nth) => nth === 0, cutAfterSending),
      );
      const { successes, errors } = await write([
        { _id: "a", body: { n: 1 } },
        { _id: "a", body: { n: 2 } },
        { _id: "b", body: { n: 1 } },
      ]);

      should(successes).be.empty();
      should(errors.map(({ code }) => code)).eql([
        "unknown_outcome",
        "unavailable",
        "unknown_outcome",
      ]);
      should(proxy.seen).have.length(1);
      should((await stored()).get("a")?._source).eql({ n: 1 });
    });

    it("[W2, R8] a strict batch reports it for each document", async () => {
      proxy.disturb(
        "_bulk",
        `${INDEX}.${collection}`,
        only((nth) => nth === 0, cutAfterSending),
      );
      const { error } = await batch(
        "mWrite",
        { documents: documents(3) },
        { strict: true },
      );

      should(error).containEql({ id: "batch.write.incomplete", count: 3 });
      for (const entry of error?.errors as Entry[]) {
        should(entry.code).equal("unknown_outcome");
      }
    });

    it("[R10] an update is not sent again either", async () => {
      await write(documents(3));
      proxy.disturb(
        "_bulk",
        `${INDEX}.${collection}`,
        only((nth) => nth === 0, cutAfterSending),
      );
      const { result } = await batch(
        "mUpdate",
        { documents: documents(3, { changed: true }) },
        { retryOnConflict: 5 },
      );

      should((result as WriteResult).errors.map(({ code }) => code)).eql([
        "unknown_outcome",
        "unknown_outcome",
        "unknown_outcome",
      ]);
      await sleep(300);
      should(proxy.seen).have.length(1);
      for (const { _version } of (await stored()).values()) {
        should(_version).equal(2);
      }
    });
  });

  for (const [title, fault] of Object.entries({
    "a line that is cut": cutAfterSending,
    "half an answer": halfABody,
    "a reset in an answer": resetInABody,
    "no answer in time": silence,
    "a gateway's 503": gatewayAnswers(503),
  })) {
    it(`[R2, R9] ${title} makes errors of what was to be read, and none is missing`, async () => {
      await write(documents(2 * CHUNK));
      proxy.disturb(
        "_mget",
        `${INDEX}.${collection}`,
        // they run concurrently, and arrive in any order
        only((_nth, { body }) => body.includes('"60"'), fault),
      );
      const { result } = await batch("batchGet", {
        ids: [...documents(2 * CHUNK).map(({ _id }) => _id), "missing"],
      });
      const answer = result as Entry;

      should(answer.not_found).eql(["missing"]);
      should(answer.documents).have.length(CHUNK);
      should(answer.errors).have.length(CHUNK);
      for (const error of answer.errors as Entry[]) {
        should(error).containEql({
          code: "unavailable",
          status: 503,
          retryable: true,
        });
      }
    });
  }

  it("[W1, R9] a document that another client has changed since it was read is a conflict, and stays", async () => {
    await write(documents(3));
    const read = (await batch("batchGet", { ids: ["0", "1", "2"] }))
      .result as Entry;
    proxy.disturb(
      "_bulk",
      `${INDEX}.${collection}`,
      async (call, response, send) => {
        await ask("PUT", collectionPath(INDEX, collection, "_doc/1"), {
          foreign: true,
        });
        await pass(call, response, send);
      },
    );
    const { successes, errors } = await write(
      (read.documents as Entry[]).map(({ _id, _seq_no, _primary_term }) => ({
        _id,
        body: { mine: true },
        ifSeqNo: _seq_no,
        ifPrimaryTerm: _primary_term,
      })),
    );

    should(successes.map(({ _id }) => _id)).eql(["0", "2"]);
    should(errors).have.length(1);
    should(errors[0]).containEql({
      position: 1,
      status: 409,
      code: "version_conflict",
      retryable: false,
    });
    const all = await stored();
    should(all.get("0")?._source).eql({ mine: true });
    should(all.get("1")?._source).eql({ foreign: true });
  });

  describe("to an overloaded engine", () => {
    function limit(): Promise<number> {
      return asAdmin.metric("kuzzle_batch_concurrency_limit", {
        lane: "write",
      });
    }

    it("[W4, R10] each document is written once, the last of each id stays, and the limit falls and rises", async () => {
      const seed = randomInt(2 ** 31);
      const random = seededRandom(seed);
      proxy.disturb(
        "_bulk",
        `${INDEX}.${collection}`,
        rejectItems(() => random() < 0.4),
      );
      const limits = [await limit()];
      let isWriting = true;
      const watching = (async () => {
        while (isWriting) {
          limits.push(await limit());
          await sleep(5);
        }
      })();
      const rounds = 3;
      const { errors, successes, stats } = await write(
        Array.from({ length: rounds }, (_, round) =>
          documents(6 * CHUNK, { round }),
        ).flat(),
      );
      isWriting = false;
      await watching;
      // after a slow sampling interval, the final limit has been seen
      limits.push(await limit());

      should(errors).be.empty();
      should(successes).have.length(rounds * 6 * CHUNK);
      should(stats.retries).be.above(0);
      const all = await stored();
      should(all.size).equal(6 * CHUNK);
      for (const [_id, { _version, _source }] of all) {
        // one version per write of the id: none was applied twice
        should(_version).equal(rounds, `seed ${seed}: ${_id}`);
        should(_source.round).equal(rounds - 1, `seed ${seed}: ${_id}`);
      }
      const fallen = Math.min(...limits);
      should(fallen).be.below(limits[0] as number);

      proxy.disturb("_bulk", `${INDEX}.${collection}`, pass);
      await write(documents(20 * CHUNK));
      should(await limit()).be.above(fallen);
    });

    it("[R10, R3] a document that is read again is returned at its position, as stored", async () => {
      const ids = documents(3 * CHUNK).map(({ _id }) => _id as string);
      // a number that parsing would change
      const lines = ids.map(
        (_id) => `{"index":{"_id":"${_id}"}}\n{"n":1.0,"of":"${_id}"}\n`,
      );
      await ask(
        "POST",
        collectionPath(INDEX, collection, "_bulk"),
        lines.join(""),
      );
      const isEven = (_id: string) => Number(_id) % 2 === 0;
      const isAgain = (call: Call) => idsOf(call).every(isEven);
      const onFirst = only((nth) => nth === 0, rejectLookups(isEven));
      const onAgain = only((nth) => nth === 0, refuse);
      proxy.disturb("_mget", `${INDEX}.${collection}`, (call, ...rest) =>
        (isAgain(call) ? onAgain : onFirst)(call, ...rest),
      );
      const asked = [...ids].reverse();
      const response = await fetch(
        `${kuzzle.url}/_/batch/${INDEX}/${collection}/_batchGet`,
        {
          method: "POST",
          headers: {
            "content-type": "application/json",
            authorization: `Bearer ${adminJwt()}`,
          },
          body: JSON.stringify({ ids: asked }),
        },
      );
      const text = await response.text();
      const { result } = JSON.parse(text) as { result: Entry };

      // all except those that the proxy parsed
      should(text.split('"n":1.0,').length - 1).equal(2.5 * CHUNK);
      should(
        (result.documents as Entry[]).map(({ _id, _source }) => [
          _id,
          _source.of,
        ]),
      ).eql(asked.map((_id) => [_id, _id]));
      should(result.errors).be.empty();
      should(result.stats).containEql({ engineCalls: 5, retries: CHUNK });
      const again = idsOf(proxy.seen[0] as Call).filter(isEven);
      should(proxy.seen.filter(isAgain).map(idsOf)).eql([again, again]);
    });

    it("[R10] a bulk that was rejected as a whole is sent again", async () => {
      proxy.disturb(
        "_bulk",
        `${INDEX}.${collection}`,
        only((nth) => nth < 2, refuse),
      );
      const { errors, stats } = await write(documents(3));

      should(errors).be.empty();
      should(stats).containEql({ written: 3, engineCalls: 3, retries: 6 });
    });
  });
});
