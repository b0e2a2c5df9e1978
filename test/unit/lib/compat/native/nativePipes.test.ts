import type { KuzzleRequest } from "kuzzle";
import should from "should";

import { nativePipes } from "../../../../../lib/compat/native/nativePipes";
import { newNativeRequest } from "../../../../../lib/kuzzle/nativeRequest";
import { failureOf, refusedCall } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { becomeKuzzle } from "../../../../support/kuzzle";
import { kuzzleRequest, kuzzleServices } from "../../../../support/request";
import { testEngine } from "../../../../support/testEngine";

const ON = { native: { mGet: true, mWrite: true }, strictByDefault: false };
const PLACE = { index: "nyc", collection: "yellow" };
const STRICT_MAPPING = {
  uuid: "uuid",
  mappings: { dynamic: "strict", properties: { n: { type: "integer" } } },
  hasPipeline: false,
  ignoreMalformed: false,
};

function pipe(
  event: string,
  request: KuzzleRequest,
  { store = new FakeStore(), switches = ON, kuzzle = kuzzleServices() } = {},
): Promise<KuzzleRequest> {
  const found = nativePipes(kuzzle, testEngine(store), switches).find(
    (each) => each.event === event,
  );
  return found?.handler(request) ?? Promise.resolve(request);
}

describe("pipes on native actions", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({});
  });

  after(() => leave());

  it("[D4] each has its switch", () => {
    const eventsWith = (native: Partial<typeof ON.native>) =>
      nativePipes(kuzzleServices(), testEngine(new FakeStore()), {
        ...ON,
        native: { ...ON.native, ...native },
      }).map(({ event }) => event);

    should(eventsWith({})).eql(["request:onSuccess", "bulk:beforeMWrite"]);
    should(eventsWith({ mGet: false })).eql(["bulk:beforeMWrite"]);
    should(eventsWith({ mWrite: false })).eql(["request:onSuccess"]);
  });

  describe("document:mGet", () => {
    function answered(result: any, data: Record<string, unknown> = {}) {
      const request = kuzzleRequest({
        controller: "document",
        action: "mGet",
        ...PLACE,
        ...data,
      });
      request.setResult(result);
      return request;
    }

    it("[D4] gains not_found, apart from what the engine failed for", async () => {
      const store = new FakeStore({
        getItem: ({ _id }) =>
          _id === "broken" ? failureOf("unavailable", 400) : undefined,
      });
      const successes = [{ _id: "a", _source: {}, _version: 1 }];
      const errors = ["y", "broken", "x"];
      const request = answered({ errors, successes });
      await pipe("request:onSuccess", request, { store });

      should(request.result).eql({
        errors: ["y", "broken", "x"],
        successes,
        not_found: ["y", "x"],
      });
      should(store.getCalls).have.length(1);
      should(store.getCalls[0]?.source).eql({ kind: "none" });
    });

    it("[D4] lists missing ids as often as they were requested, in the order of the response", async () => {
      const request = answered({ errors: ["x", "y", "x"], successes: [] });
      await pipe("request:onSuccess", request);
      should(request.result.not_found).eql(["x", "y", "x"]);
    });

    it("[D4] does not list documents that were created in the meantime", async () => {
      const store = new FakeStore();
      store.put("yellow", "late", {});
      const request = answered({ errors: ["late"], successes: [] });
      await pipe("request:onSuccess", request, { store });
      should(request.result.not_found).eql([]);
    });

    it("[D4] makes no call if nothing failed", async () => {
      const store = new FakeStore();
      for (const result of [{ errors: [], successes: [] }, { item: [] }]) {
        const request = answered({ ...result });
        await pipe("request:onSuccess", request, { store });
        should(request.result).eql({ ...result, not_found: [] });
      }
      should(store.calls).eql([]);
    });

    it("[D4] responds as before when the engine cannot be called again", async () => {
      const store = new FakeStore({ getCall: () => refusedCall() });
      const request = answered({ errors: ["x"], successes: [] });
      await pipe("request:onSuccess", request, { store });
      should(request.result).eql({
        errors: ["x"],
        successes: [],
        not_found: [],
      });
    });

    it("[D4] leaves other actions alone", async () => {
      for (const [controller, action] of [
        ["document", "mDelete"],
        ["batch", "mGet"],
        ["batch/v1", "mGet"],
      ]) {
        const result = { errors: ["x"], successes: [] };
        const request = answered(result, { controller, action });
        await pipe("request:onSuccess", request);
        should(request.result).eql({ errors: ["x"], successes: [] });
      }
    });
  });

  describe("bulk:mWrite", () => {
    const GOOD = { _id: "a", body: { n: 1 } };
    const BAD = { _id: "b", body: { unknown: 1 } };

    function mWrite(
      documents: unknown,
      args: Record<string, unknown> = { strict: true },
      protocol = "websocket",
    ) {
      return kuzzleRequest(
        {
          controller: "bulk",
          action: "mWrite",
          ...PLACE,
          body: { documents },
          ...args,
        },
        { protocol },
      );
    }

    const store = () => new FakeStore({ describe: () => STRICT_MAPPING });

    it("[D4] with strict is rejected with all that can be seen before it is written", async () => {
      const error: any = await pipe(
        "bulk:beforeMWrite",
        mWrite([GOOD, BAD, { _id: "c", body: 7 }, null, { body: { x: 1 } }]),
        { store: store() },
      ).catch((each: unknown) => each);

      should(error).containEql({
        id: "batch.write.refused",
        status: 400,
        count: 4,
      });
      should(error.errors).containDeepOrdered([
        { position: 1, document: BAD, code: "mapping" },
        { position: 2, document: { _id: "c", body: 7 }, code: "invalid" },
        { position: 3, code: "invalid" },
        { position: 4, document: { _id: undefined }, code: "mapping" },
      ]);
    });

    it("[D4] passes unchanged if there is nothing to do", async () => {
      const documents = [GOOD, { ...GOOD, ifSeqNo: 1 }];
      const request = mWrite(documents);
      should(
        await pipe("bulk:beforeMWrite", request, { store: store() }),
      ).equal(request);
      should(request.input.body).eql({ documents });
    });

    for (const _id of ["", 7, 0, true, null, undefined]) {
      it(`[D4] takes ${JSON.stringify(_id)} for an id, as Kuzzle and the engine do`, async () => {
        await pipe("bulk:beforeMWrite", mWrite([{ _id, body: { n: 1 } }]), {
          store: store(),
        });
      });
    }

    for (const _id of ["x".repeat(513), {}, ["a"]]) {
      it(`[D4] rejects ${JSON.stringify(_id).slice(0, 10)} for an id, for which the engine would reject all`, async () => {
        await should(
          pipe("bulk:beforeMWrite", mWrite([{ _id, body: { n: 1 } }])),
        ).be.rejectedWith({ id: "batch.write.refused", count: 1 });
      });
    }

    const STRICTNESS: Array<
      [string, Record<string, unknown>, boolean, boolean]
    > = [
      // as Kuzzle reads it: over HTTP, presence is enough
      ["http", { strict: "true" }, false, true],
      ["http", { strict: "" }, false, true],
      ["http", { strict: "false" }, false, true],
      ["http", {}, false, false],
      ["websocket", { strict: true }, false, true],
      ["websocket", { strict: false }, false, false],
      ["websocket", {}, false, false],
      ["http", {}, true, true],
      ["http", { strict: "false" }, true, false],
      ["http", { strict: "true" }, true, true],
      ["websocket", {}, true, true],
      ["websocket", { strict: false }, true, false],
    ];
    for (const [protocol, args, strictByDefault, expected] of STRICTNESS) {
      const title = `${protocol}, ${JSON.stringify(args)}, strictByDefault ${strictByDefault}`;
      it(`[D4] ${title}: ${expected ? "strict" : "not strict"}, for Kuzzle as well`, async () => {
        const request = mWrite([BAD], args, protocol);
        const piped = pipe("bulk:beforeMWrite", request, {
          store: store(),
          switches: { ...ON, strictByDefault },
        });
        if (expected) {
          await should(piped).be.rejectedWith({ id: "batch.write.refused" });
        } else {
          await piped;
        }
        should(request.getBoolean("strict")).equal(expected);
      });
    }

    it("[D4] leaves alone the events that the plugin itself runs", async () => {
      const twin = newNativeRequest(
        mWrite([BAD]),
        { controller: "bulk", action: "mWrite" },
        "yellow",
        { documents: [BAD] },
      );
      const fake = store();
      await pipe("bulk:beforeMWrite", twin, { store: fake });
      should(fake.calls).eql([]);
    });

    it("[D4] leaves to Kuzzle what it rejects itself", async () => {
      for (const data of [
        { collection: "nowhere" },
        { index: undefined },
        { body: { documents: "none" } },
        { body: null },
      ]) {
        const fake = store();
        await pipe(
          "bulk:beforeMWrite",
          mWrite([BAD], { strict: true, ...data }),
          { store: fake },
        );
        should(fake.calls).eql([]);
      }
    });

    it("[D4] is a 503 when the mapping cannot be read: nothing is written", async () => {
      const fake = new FakeStore({
        describe: () => {
          throw refusedCall();
        },
      });
      await should(
        pipe("bulk:beforeMWrite", mWrite([GOOD]), { store: fake }),
      ).be.rejectedWith({ id: "batch.engine.unavailable", status: 503 });
    });
  });
});
