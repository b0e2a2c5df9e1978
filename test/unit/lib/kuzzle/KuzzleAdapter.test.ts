import { Koncorde } from "koncorde";
import actionEnum from "kuzzle/dist/lib/core/realtime/actionEnum";
import InternalProtocol from "kuzzle/dist/lib/core/network/protocols/internalProtocol";
import NotifierController from "kuzzle/dist/lib/core/realtime/notifier";
import ClientAdapter from "kuzzle/dist/lib/core/storage/clientAdapter";
import KuzzleEventEmitter from "kuzzle/dist/lib/kuzzle/event/KuzzleEventEmitter";
import { Kuzzle } from "kuzzle/dist/lib/kuzzle";
import should from "should";
import sinon from "sinon";

import { KuzzleAdapter } from "../../../../lib/kuzzle/KuzzleAdapter";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleRequest } from "../../../support/request";

/** The parts of a real Kuzzle that respond to `ask`, without its engine. */
async function insideOfKuzzle() {
  const kuzzle: any = new KuzzleEventEmitter(50, 50_000);
  kuzzle.log = { child: () => ({}), error: sinon.stub() };
  kuzzle.koncorde = new Koncorde();
  const leave = becomeKuzzle(kuzzle);

  const storage = Object.create(ClientAdapter.prototype);
  storage.scope = "public";
  storage.cache = {
    hasIndex: (index: string) => index === "nyc",
    hasCollection: (index: string, name: string) =>
      index === "nyc" && name === "yellow",
    listCollections: () => ["yellow"],
  };
  storage.registerIndexEvents();
  storage.registerCollectionEvents();

  const notifier = new NotifierController({} as any);
  const notifyDocuments = sinon.stub().resolves();
  notifier.notifyDocuments = notifyDocuments;
  await notifier.init();
  return { kuzzle, notifyDocuments, leave };
}

describe("KuzzleAdapter", () => {
  let inside: Awaited<ReturnType<typeof insideOfKuzzle>>;
  let adapter: KuzzleAdapter;

  beforeEach(async () => {
    inside = await insideOfKuzzle();
    adapter = new KuzzleAdapter();
  });

  afterEach(() => {
    inside.leave();
  });

  it("[R5] uses Kuzzle's own list of public collections", async () => {
    should(await adapter.indexExists("nyc")).be.true();
    should(await adapter.indexExists("paris")).be.false();
    should(await adapter.collectionExists("nyc", "yellow")).be.true();
    should(await adapter.collectionExists("nyc", "y*")).be.false();
    should(await adapter.listCollections("nyc")).eql(["yellow"]);
  });

  it("finds the limits where Kuzzle's own configuration has them", () => {
    should(adapter.documentsFetchCount).be.a.Number();
    should(adapter.documentsWriteCount).be.a.Number();
    should(adapter.defaultConflictRetries).be.a.Number();
  });

  it("finds the size that a request may have as Kuzzle's protocols have read it", async () => {
    const protocol = new InternalProtocol();
    inside.kuzzle.entryPoint = {
      protocols: new Map([[protocol.name, protocol]]),
      config: { maxRequestSize: "1.5MB" },
      newConnection: () => undefined,
    };
    await protocol.init(inside.kuzzle.entryPoint);

    should(adapter.maxRequestBytes).equal(protocol.maxRequestSize);
    should(adapter.maxRequestBytes).equal(1024 * 1024);
  });

  it("[U1] notifies as native actions do", async () => {
    const request = kuzzleRequest({ index: "nyc", collection: "yellow" });
    for (const [action, number] of [
      ["update", actionEnum.UPDATE],
      ["write", actionEnum.WRITE],
    ] as const) {
      await adapter.notify(request, action, [{ _id: "a" }]);
      sinon.assert.calledWithExactly(inside.notifyDocuments, request, number, [
        { _id: "a" },
      ]);
    }
  });

  it("[U3] sees a subscription on the collection, and on no other", () => {
    const { koncorde } = inside.kuzzle;
    should(adapter.hasSubscribers("nyc", "yellow")).be.false();
    koncorde.register({ exists: "n" }, "nyc/yellow");
    should(adapter.hasSubscribers("nyc", "yellow")).be.true();
    should(adapter.hasSubscribers("nyc", "green")).be.false();
  });

  for (const [event, names] of [
    [
      "generic:document:afterGet",
      ["generic:document:after*", "generic:document:*"],
    ],
    ["request:onSuccess", ["request:*"]],
    ["request:afterExecution", ["request:after*", "request:*"]],
  ] as const) {
    it(`[R6] sees a pipe on ${event} by each of the names that it may be registered under`, async () => {
      for (const name of [event, ...names]) {
        const { kuzzle, leave } = await insideOfKuzzle();
        should(adapter.hasListeners(event)).be.false();
        kuzzle.registerPluginPipe(name, sinon.stub());
        should(adapter.hasListeners(event)).be.true();
        // and Kuzzle itself calls it by that name
        const [handler] = kuzzle.pluginPipes.get(name);
        handler.yields(null, "piped");
        should(await adapter.pipe(event, "given", "more")).equal("piped");
        should(handler.firstCall.args.slice(0, 2)).eql(["given", "more"]);
        leave();
      }
    });
  }

  it("[R6] does not take a pipe on another event for one on this", () => {
    inside.kuzzle.registerPluginPipe("generic:document:before*", () => {});
    inside.kuzzle.registerPluginPipe("document:afterMGet", () => {});

    should(adapter.hasListeners("generic:document:afterGet")).be.false();
  });

  it("[R6] does not take the plugin's own pipes for listeners, and still runs them", async () => {
    const event = "document:afterMGet";
    adapter.addLastPipe(event, async (payload: string) => `${payload}, piped`);

    should(adapter.hasListeners(event)).be.false();
    should(await adapter.pipe(event, "given")).equal("given, piped");

    inside.kuzzle.registerPluginPipe(event, () => {});
    should(adapter.hasListeners(event)).be.true();
  });

  it("[I2] does not take the plugin's own hooks for listeners, and survives them", async () => {
    const event = "request:onSuccess";
    const hook = sinon.stub().throws(new Error("broken"));
    adapter.addHook(event, hook);

    should(adapter.hasListeners(event)).be.false();
    should(await adapter.pipe(event, "given")).equal("given");
    sinon.assert.calledOnceWithExactly(hook, "given");

    inside.kuzzle.on(event, () => {});
    should(adapter.hasListeners(event)).be.true();
  });

  it("relies on nothing that Kuzzle does not have", () => {
    const kuzzle: any = Kuzzle.prototype;
    should(kuzzle.ask).be.a.Function();
    should(kuzzle.pipe).be.a.Function();
    should(kuzzle.listenerCount).be.a.Function();
  });
});
