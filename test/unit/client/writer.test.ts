import should from "should";

import { BatchError, type Writer } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk, nextTurn } from "./support/FakeSdk";

const OPTIONS = { index: "i", collection: "c" } as const;

function operationsOf(sdk: FakeSdk): unknown[][] {
  return sdk.requests.map(({ body }) =>
    (body?.operations ?? []).map((operation) => {
      const [[op, { _id }] = []] = Object.entries<any>(operation) as any;
      return `${op} ${_id}`;
    }),
  );
}

/** The outcome of each promise: "done", or why it was rejected. */
async function outcomes(all: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(all);
  return settled.map((each) =>
    each.status === "fulfilled" ? "done" : codeOf(each.reason as BatchError),
  );
}

function codeOf({ errors: [first], id }: BatchError): string {
  return first?.code ?? id;
}

/** Requests of an action wait until they are released. */
function held(sdk: FakeSdk, action: string): (() => void)[] {
  const release: (() => void)[] = [];
  sdk.fault = async (request, execute) => {
    if (request.action === action) {
      await new Promise<void>((resolve) => release.push(resolve));
    }
    return execute();
  };
  return release;
}

async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

function forbid(sdk: FakeSdk, isForbidden: (operation: any) => boolean): void {
  sdk.fault = async (request, execute) => {
    if (request.body?.operations?.some(isForbidden)) {
      throw new FakeKuzzleError("security.rights.forbidden", 403);
    }
    return execute();
  };
}

describe("the client's writer", () => {
  it("makes one batchWrite of operations of every kind [M1]", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer({
      ...{ ...OPTIONS, refresh: "wait_for", source: true, silent: true },
    });

    const [first, ...others] = await Promise.all([
      writer.create({ _id: "a", body: {} }),
      writer.createOrReplace({ _id: "b", body: {} }),
      writer.replace({ _id: "c", body: {} }),
      writer.write({ _id: "d", body: {}, collection: "other" }),
      writer.update({ _id: "e", body: {} }),
      writer.upsert({ _id: "f", changes: {} }),
      writer.delete({ _id: "g" }),
    ]);

    should(sdk.requests).have.length(1);
    should(sdk.requests[0]).match({
      ...{ action: "batchWrite", index: "i", collection: "c" },
      ...{ refresh: "wait_for", source: "true", silent: "true" },
    });
    should(first).eql({
      ...{ op: "create", collection: "c", _id: "a", status: 200, _version: 1 },
    });
    should(others.map(({ op, _id }) => `${op} ${_id}`)).eql([
      ...["createOrReplace b", "replace c", "write d", "update e"],
      ...["upsert f", "delete g"],
    ]);
  });

  it("waits as long as configured for others to share the request", async () => {
    const sleeps: number[] = [];
    let wake = (): void => undefined;
    const sdk = new FakeSdk();
    const writer = batchOn(sdk, {
      now: () => 0,
      random: () => 0,
      sleep: (ms) => {
        sleeps.push(ms);
        return new Promise((resolve) => (wake = resolve));
      },
    }).writer({ ...OPTIONS, flushIntervalMs: 25 });

    const first = writer.delete({ _id: "a" });
    await turns();
    const second = writer.delete({ _id: "b" });
    await turns();
    should(sdk.requests).be.empty();
    wake();
    await Promise.all([first, second]);

    should(sleeps).eql([25]);
    should(operationsOf(sdk)).eql([["delete a", "delete b"]]);
  });

  it("resolves or rejects each promise with its own document's outcome [M2]", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer(OPTIONS);

    const all = [
      writer.update({ _id: "a", body: {} }),
      writer.update({ _id: "b", body: { fails: "mapping" } }),
      writer.update({ _id: "b", body: {} }),
    ];

    should(await outcomes(all)).eql(["done", "mapping", "done"]);
    await should(all[1]).rejectedWith(BatchError as never, {
      id: "batch.client.documents_failed",
      status: 400,
      errors: [{ position: 0, op: "update", document: { _id: "b" } }],
    });
  });

  it("rejects only operations in the rejected collection", async () => {
    const sdk = new FakeSdk();
    forbid(sdk, (each) => each.update?.collection === "secret");
    const writer = batchOn(sdk).writer(OPTIONS);
    const all = [
      writer.update({ _id: "a", body: {} }),
      writer.update({ _id: "a", body: {}, collection: "secret" }),
      writer.delete({ _id: "a", collection: "secret" }),
      writer.delete({ _id: "a" }),
    ];

    should(await outcomes(all)).eql([
      ...["done", "security.rights.forbidden", "done", "done"],
    ]);
    await should(all[1]).rejectedWith({ status: 403, unprocessed: [0] });
  });

  it("keeps each document's order if a request is rejected [M2]", async () => {
    const sdk = new FakeSdk();
    forbid(sdk, (each) => each.create !== undefined);
    const writer = batchOn(sdk).writer(OPTIONS);

    await outcomes([
      writer.update({ _id: "b", body: { n: 1 } }),
      writer.delete({ _id: "b" }),
      writer.delete({ _id: "a" }),
      writer.update({ _id: "a", body: { n: 2 } }),
      writer.create({ _id: "z", body: {} }),
    ]);

    const { written } = sdk.plugin;
    const of = (name: string) =>
      written.flatMap(({ _id, body }) => (_id === name ? [body] : []));
    should(of("a")).eql([null, { n: 2 }]);
    should(of("b")).eql([{ n: 1 }, null]);
  });

  it("never has a document in two requests at a time [M2]", async () => {
    const sdk = new FakeSdk();
    const release = held(sdk, "batchWrite");
    const writer = batchOn(sdk).writer(OPTIONS);

    const all = [writer.update({ _id: "a", body: { n: 1 } })];
    await turns();
    all.push(writer.update({ _id: "a", body: { n: 2 } }));
    await turns();
    all.push(writer.update({ _id: "b", body: {} }));
    await turns();
    should(operationsOf(sdk)).eql([["update a"]]);

    const freeing = setInterval(() => release.shift()?.(), 1);
    await Promise.all(all);
    clearInterval(freeing);
    should(sdk.plugin.state.get("i/c/a")).eql({ n: 2 });
  });

  it("gets documents as earlier writes left them, unaffected by later ones", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer(OPTIONS);

    const [none, , first, , second, other] = await Promise.all([
      writer.get({ _id: "a" }),
      writer.write({ _id: "a", body: { n: 1 } }),
      writer.get<{ n: number }>({ _id: "a" }),
      writer.write({ _id: "a", body: { n: 2 } }),
      writer.get<{ n: number }>({ _id: "a" }),
      writer.get({ _id: "a", collection: "other" }),
    ]);

    should(none).be.null();
    should([first?._source.n, second?._source.n]).eql([1, 2]);
    should(other).be.null();
  });

  it("shares requests among documents that are read and written in turn", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer({ ...OPTIONS, batchSize: 50 });

    const versions = Array.from({ length: 50 }, async (_, n) => {
      const _id = `d${n}`;
      const [, first, , second] = await Promise.all([
        writer.write({ _id, body: { n } }),
        writer.get<{ n: number }>({ _id }),
        writer.update({ _id, body: { n: n + 1 } }),
        writer.get<{ n: number }>({ _id }),
      ]);
      return [first?._source.n, second?._source.n];
    });

    should(await Promise.all(versions)).eql(
      versions.map((_each, n) => [n, n + 1]),
    );
    should(sdk.requests).have.length(4);
  });

  it("sends a full round at once, and no more rounds than allowed", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer({
      ...{ ...OPTIONS, batchSize: 10, concurrency: 2 },
      flushIntervalMs: 60_000,
    });

    const all = Array.from({ length: 55 }, (_, n) =>
      writer.update({ _id: `d${n}`, body: {} }),
    );
    await Promise.all([...all, writer.flush()]);

    should(operationsOf(sdk).map(({ length }) => length)).eql([
      10, 10, 10, 10, 10, 5,
    ]);
    should(sdk.mostInFlight).equal(2);
  });

  it("is ready while fewer than `maxPending` operations are pending", async () => {
    const sdk = new FakeSdk();
    const release = held(sdk, "batchWrite");
    const writer = batchOn(sdk).writer({ ...OPTIONS, maxPending: 2 });
    let isReady = false;

    const first = writer.delete({ _id: "a" });
    await writer.ready;
    const second = writer.delete({ _id: "b" });
    const ready = writer.ready.then(() => (isReady = true));
    await turns();
    should(isReady).be.false();

    release.shift()?.();
    await Promise.all([first, second, ready]);
    await writer.ready;
  });

  it("flushes what it has, whatever its outcome, and stays closed", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer({ ...OPTIONS, flushIntervalMs: 60_000 });
    const failed = writer.write({ _id: "a", body: { fails: "mapping" } });
    failed.catch(() => undefined);

    await writer.flush();
    should(await outcomes([failed])).eql(["mapping"]);

    const last = writer.write({ _id: "b", body: {} });
    await writer.close();
    should(await outcomes([last])).eql(["done"]);
    await should(writer.delete({ _id: "c" })).rejectedWith({
      id: "batch.client.closed",
    });
    should(sdk.requests).have.length(2);
  });

  it("writes lost requests once, for a logged-in user", async () => {
    const sdk = new FakeSdk();
    let losses = 2;
    sdk.fault = async (request, execute) => {
      const answer = await execute();
      if (request.action === "batchWrite" && losses-- > 0) {
        throw new Error("Network error: no response has been received");
      }
      return answer;
    };
    const writer = batchOn(sdk).writer(OPTIONS);

    should(await outcomes([writer.create({ body: {} })])).eql(["done"]);
    should(sdk.requests.length).equal(3);
    should(sdk.plugin.written).have.length(1);
  });

  it("reports lost anonymous writes as unknown", async () => {
    const sdk = new FakeSdk({ user: null });
    sdk.fault = async (request, execute) => {
      if (request.action !== "batchWrite") return execute();
      throw new Error("Network error: no response has been received");
    };
    const writer = batchOn(sdk).writer(OPTIONS);

    should(await outcomes([writer.delete({ _id: "a" })])).eql([
      "unknown_outcome",
    ]);
  });

  it("rejects what is left when its signal is aborted", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer({ ...OPTIONS, signal });
    const write = writer.delete({ _id: "a" });
    const get = writer.get({ _id: "b" });

    controller.abort("enough");

    await should(write).rejectedWith({ name: "AbortError", unprocessed: [0] });
    await should(get).rejectedWith({ name: "AbortError" });
    should(sdk.requests).be.empty();
  });

  it("accepts integers beyond 2^53 as BigInt", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writer(OPTIONS);
    const n = 2n ** 63n;

    await Promise.all([
      writer.update({ _id: "a", body: { n } }),
      writer.upsert({ _id: "b", changes: { n }, default: { n } }),
    ]);

    const json = `{"n":${n}}`;
    should(sdk.requests[0]?.body?.operations).eql([
      { update: { _id: "a", json } },
      { upsert: { _id: "b", json, defaultJson: json } },
    ]);
  });

  it("rejects invalid addresses and options", async () => {
    const batch = batchOn(new FakeSdk());
    const get: Writer["get"] = (each) => batch.writer({ index: "i" }).get(each);

    await should(get({ _id: "a" })).rejectedWith(TypeError);
    should(() => batch.writer({ ...OPTIONS, flushIntervalMs: -1 })).throw(
      RangeError,
    );
    should(() => batch.writer({ ...OPTIONS, strict: true } as never)).throw(
      /writer has no option strict/,
    );
  });
});
