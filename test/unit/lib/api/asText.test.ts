import type { HttpStream } from "kuzzle";
import should from "should";

import { FakeCache } from "../../../support/FakeCache";
import { FakeStore } from "../../../support/FakeStore";
import { controllerWith, run } from "../../../support/controller";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleRequest, kuzzleServices } from "../../../support/request";

const LONG = '{"n":1306415010221662247,"f":1.0}';

/** A Kuzzle whose application listens to an event, and changes its payload in a pipe. */
function listening(event: string, change: (document: any) => void = () => {}) {
  return {
    ...kuzzleServices(),
    hasListeners: (each: string) => each === event,
    pipe: async (_: string, payload: any) => {
      const list = Array.isArray(payload) ? payload : payload.result?.successes;
      list?.forEach(change);
      return payload;
    },
  };
}

async function send(
  action: "mWrite" | "mUpdate" | "batchGet",
  args: object,
  kuzzle: ReturnType<typeof listening> = kuzzleServices(),
) {
  const store = new FakeStore();
  const controller = controllerWith(store, kuzzle);
  const place = { index: "nyc", collection: "yellow" };
  await run(
    controllerWith(store, kuzzleServices()),
    kuzzleRequest({
      ...{ ...place, action: "mWrite" },
      body: { documents: [{ _id: "a", json: LONG }] },
    }),
  );
  return run(controller, kuzzleRequest({ ...place, action, ...args }));
}

describe("An answer as text", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({});
  });

  after(() => leave());

  const get = { body: { ids: ["a", "x"] }, json: true };

  for (const event of ["none", "request:onSuccess", "document:afterMGet"]) {
    it(`[R13] holds what the engine has, whoever looks into it: ${event}`, async () => {
      const answer = await send("batchGet", get, listening(event));
      should(answer.documents).eql([
        {
          ...{ _id: "a", index: "nyc", collection: "yellow", json: LONG },
          ...{ _version: 1, _seq_no: 0, _primary_term: 1 },
        },
      ]);
      should(answer.not_found).eql(["x"]);
    });
  }

  for (const event of ["document:afterMGet", "generic:document:afterGet"]) {
    it(`[R6, R13] shows by its \`_source\` that a pipe has made a document: ${event}`, async () => {
      const kuzzle = listening(event, ({ _source }) => {
        _source.more = true;
      });
      const [document] = (await send("batchGet", get, kuzzle)).documents;
      should(document).not.have.property("json");
      should(document._source).eql({ ...JSON.parse(LONG), more: true });
    });
  }

  it("[G5, R13] comes in lines, too", async () => {
    const answer: HttpStream = await send("batchGet", {
      ...{ ...get, format: "ndjson" },
    });
    const lines: string[] = [];
    for await (const piece of answer.stream) lines.push(String(piece));
    should(lines.join("")).containEql(`"json":${JSON.stringify(LONG)}`);
  });

  it("[R13] has no text if no source is requested", async () => {
    const answer = await send("batchGet", { ...get, source: false });
    should(answer.documents[0]).not.have.properties("json", "_source");
  });

  it("[R4] an invalid flag stops everything", async () => {
    for (const action of ["batchGet", "mWrite"] as const) {
      await send(action, { ...get, json: "no", body: { documents: [{}] } })
        .should.be //
        .rejectedWith({ id: "batch.request.invalid" });
    }
  });

  it("[R13] holds what was written, also of a body, and again for a key", async () => {
    const documents = [
      { _id: "a", json: LONG },
      { _id: "b", body: { n: 1 } },
    ];
    const kuzzle = { ...kuzzleServices(), cache: new FakeCache() };
    for (const idempotencyKey of ["k", "k"]) {
      const { successes } = await send(
        "mWrite",
        { body: { documents }, json: "true", idempotencyKey },
        kuzzle,
      );
      should(successes.map((each: any) => each.json)).eql([LONG, '{"n":1}']);
    }
    const silent = await send("mWrite", {
      ...{ body: { documents }, json: true, source: false },
    });
    should(silent.successes[0]).not.have.properties("json", "_source");
  });

  it("[R6, R13] is not claimed for what a pipe may have changed before a replay", async () => {
    const documents = [{ _id: "a", json: LONG }];
    const kuzzle = {
      ...listening("bulk:beforeMWrite"),
      cache: new FakeCache(),
    };
    const args = { body: { documents }, json: true, idempotencyKey: "k" };
    const [first, again] = [
      await send("mWrite", args, kuzzle),
      await send("mWrite", args, kuzzle),
    ];
    should(first.successes[0].json).equal(LONG);
    should(again.stats.replayed).be.true();
    should(again.successes[0]).not.have.property("json");
  });

  it("[R6, R13] shows how a pipe has changed what was written", async () => {
    const documents = [{ _id: "b", body: { n: 1 } }];
    const kuzzle = listening("bulk:afterMWrite", (each) => {
      each._source = { n: 2 };
    });
    const { successes } = await send(
      "mWrite",
      { body: { documents }, json: true },
      kuzzle,
    );
    should(successes[0]).have.properties({ _source: { n: 2 } });
    should(successes[0]).not.have.property("json");
  });
});
