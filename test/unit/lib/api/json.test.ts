import should from "should";

import type { KuzzleServices } from "../../../../lib/kuzzle/KuzzleServices";
import { noteArrival, noteHandler } from "../../../../lib/kuzzle/requestState";
import { FakeCache } from "../../../support/FakeCache";
import { FakeStore } from "../../../support/FakeStore";
import { controllerWith, run } from "../../../support/controller";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleRequest, kuzzleServices } from "../../../support/request";

const LONG = '{"n":1306415010221662247,"f":1.0,"z":-0.0,"p":1.10}';

type Services = KuzzleServices & {
  readonly notify: ReturnType<typeof kuzzleServices>["notify"];
};

async function send(
  action: "mWrite" | "mUpdate",
  documents: unknown,
  {
    kuzzle = kuzzleServices(),
    args = {},
    isDirect = true,
  }: { kuzzle?: Services; args?: object; isDirect?: boolean } = {},
) {
  const store = new FakeStore();
  ["a", "b"].forEach((_id) => store.put("yellow", _id, {}));
  const request = kuzzleRequest({
    action,
    index: "nyc",
    collection: "yellow",
    body: { documents },
    ...args,
  });
  if (isDirect) {
    noteArrival(request);
    noteHandler(request);
  }
  const answer = await run(controllerWith(store, kuzzle), request);
  return { answer, payloads: store.sentItems.map(({ payload }) => payload) };
}

describe("A document sent as text", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({});
  });

  after(() => leave());

  it("[R13] reaches the engine byte for byte, and comes back so", async () => {
    const { answer, payloads } = await send("mWrite", [
      { _id: "a", json: LONG },
      { _id: "b", body: { n: 2 } },
    ]);
    should(payloads).eql([LONG, '{"n":2}']);
    should(String(answer.successes[0]._source)).equal(LONG);
  });

  it("[R13] is parsed for a plugin that has sent it", async () => {
    const { answer } = await send("mWrite", [{ _id: "a", json: LONG }], {
      isDirect: false,
    });
    should(answer.successes[0]._source).eql(JSON.parse(LONG));
  });

  it("[R13] is set on one line, for a bulk has lines", async () => {
    const { payloads } = await send("mWrite", [
      { _id: "a", json: ' {\r\n "a":\n1.0 }\n' },
    ]);
    should(payloads).eql(['{   "a": 1.0 }']);
  });

  it("[R13, U1] is an update with Kuzzle's metadata, not with the caller's", async () => {
    const { payloads } = await send("mUpdate", [
      { _id: "a", json: '{"_kuzzle_info":{"updater":"me"},"n":10e2}' },
    ]);
    should(payloads).have.length(1);
    should(payloads[0]).match(
      /^\{"doc":\{"n":10e2,"_kuzzle_info":\{"updatedAt":\d+,"updater":.*\}\},"_source":false\}$/,
    );
  });

  for (const action of ["mWrite", "mUpdate"] as const) {
    it(`[R7, R13] ${action}: one that is none is an error of its own`, async () => {
      const { answer, payloads } = await send(action, [
        { _id: "a", json: LONG, body: {} },
        { _id: "a", json: {} },
        { _id: "a", json: '"\ud800"' },
        { _id: "a", json: '{"a":1' },
        { _id: "b", json: LONG },
      ]);
      should(payloads).have.length(1);
      should(answer.errors.map(({ reason }: any) => reason)).eql([
        "documents[0]: body and json are mutually exclusive.",
        "documents[1].json must be a string with a JSON object.",
        "documents[2].json must be well-formed Unicode.",
        "documents[3].json: not one JSON object: a comma or the end of an object or list was expected at character 6.",
      ]);
      should(answer.errors[3].document).eql({ _id: "a", json: '{"a":1' });
    });
  }

  it("[R9, R13] is in the error as it was sent", async () => {
    const { answer } = await send("mWrite", [
      { _id: "a", json: LONG, ifAbsent: true },
    ]);
    should(answer.errors[0].document).eql({ _id: "a", json: LONG });
  });

  it("[R13] is sent to subscribers parsed", async () => {
    const kuzzle = kuzzleServices();
    kuzzle.hasSubscribers.returns(true);
    await send("mWrite", [{ _id: "a", json: LONG }], {
      kuzzle,
      args: { notify: true },
    });
    const [notice] = kuzzle.notify.firstCall.args[2] as any[];
    should(notice._source).eql(JSON.parse(LONG));
  });

  it("[W5] counts for an idempotency key as the text that it is", async () => {
    const kuzzle = { ...kuzzleServices(), cache: new FakeCache() };
    const args = { idempotencyKey: "key" };
    const more = { kuzzle, args };
    await send("mWrite", [{ _id: "a", json: LONG }], more);
    const { answer, payloads } = await send(
      "mWrite",
      [{ _id: "a", json: LONG }],
      more,
    );
    should(payloads).eql([]);
    should(String(answer.successes[0]._source)).equal(LONG);

    const rounded = JSON.stringify(JSON.parse(LONG));
    await send("mWrite", [{ _id: "a", json: rounded }], more)
      .should.be //
      .rejectedWith({ id: "batch.idempotency.mismatch" });
  });

  describe("that a pipe looks at", () => {
    function withPipe(change: (body: any) => object): Services {
      return {
        ...kuzzleServices(),
        hasListeners: (event: string) => event === "bulk:beforeMWrite",
        pipe: async (_: string, request: any) => {
          for (const document of request.input.body.documents) {
            document.body = change(document.body);
          }
          return request;
        },
      };
    }

    it("[R6, R13] stays the text if the pipe changes nothing", async () => {
      const seen: unknown[] = [];
      const kuzzle = withPipe((body) => {
        seen.push(body);
        return body;
      });
      const { payloads } = await send("mWrite", [{ _id: "a", json: LONG }], {
        kuzzle,
      });
      should(seen).eql([JSON.parse(LONG)]);
      should(payloads).eql([LONG]);
    });

    it("[R6, R13] is what the pipe has left, if it changes it", async () => {
      const kuzzle = withPipe((body) => ({ ...body, more: true }));
      const { payloads } = await send("mWrite", [{ _id: "a", json: LONG }], {
        kuzzle,
      });
      should(payloads).eql([
        JSON.stringify({ ...JSON.parse(LONG), more: true }),
      ]);
    });
  });
});
