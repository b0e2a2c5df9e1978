import { set, unset } from "lodash";
import should from "should";

import { inside, probe, type Inside } from "../../../../lib/kuzzle/inside";
import { KuzzleAdapter } from "../../../../lib/kuzzle/KuzzleAdapter";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleRequest } from "../../../support/request";

const FUNCTIONS = [
  "kuzzle.log.error",
  "kuzzle.log.warn",
  "kuzzle.pipe",
  "kuzzle.registerPluginPipe",
  "kuzzle.on",
  "kuzzle.listenerCount",
  "kuzzle.koncorde.getFilterIds",
  "kuzzle.entryPoint.execute",
  "kuzzle.asyncStore.exists",
  "app.storage.storageClient.transport.request",
];

/** Simulates a Kuzzle that lacks only the named answers. */
function kuzzleWithout(...events: string[]): Inside {
  const parts = {};
  for (const path of FUNCTIONS) set(parts, path, () => 0);
  for (const path of [
    "pluginPipes",
    "corePipes",
    "coreAnswerers",
    "entryPoint.protocols",
  ]) {
    set(parts, `kuzzle.${path}`, new Map());
  }
  set(parts, "kuzzle.version", "2.99.0");
  set(parts, "kuzzle.config", {
    server: { logs: { transports: [{ silent: true }] } },
    limits: { documentsFetchCount: 1, documentsWriteCount: 1 },
    services: { storageEngine: { defaults: { onUpdateConflictRetries: 1 } } },
  });
  const profile = { getAllowedPolicies: () => [] };
  const answers: Record<string, object> = {
    "core:security:user:get": { getProfiles: async () => [profile] },
    "core:security:role:get": { checkRestrictions: () => true },
  };
  set(parts, "kuzzle.ask", async (event: string) => answers[event]);
  set(parts, "kuzzle.hasAskAnswerer", (name: string) => !events.includes(name));
  return parts as Inside;
}

describe("the inside of Kuzzle", () => {
  it("is found where nothing is missing", async () => {
    should([...(await probe(kuzzleWithout()))]).be.empty();
  });

  for (const path of [
    "kuzzle.ask",
    "kuzzle.hasAskAnswerer",
    "kuzzle.pipe",
    "kuzzle.registerPluginPipe",
    "kuzzle.on",
    "kuzzle.entryPoint.protocols",
    "kuzzle.config.limits",
    "kuzzle.config.services.storageEngine",
    "app.storage.storageClient.transport",
  ]) {
    it(`rejects a Kuzzle without ${path}, by name`, async () => {
      const parts = kuzzleWithout();
      unset(parts, path);

      await should(probe(parts)).be.rejectedWith(
        new RegExp(`^Kuzzle 2\\.99\\.0 lacks .*: ${path}`),
        { id: "batch.kuzzle.unsupported" },
      );
    });
  }

  it("names all that is missing at once", async () => {
    const events = ["core:cache:internal:get", "core:cache:internal:del"];

    await should(probe(kuzzleWithout(...events))).be.rejectedWith(
      /: core:cache:internal:get, core:cache:internal:del\.$/,
    );
  });

  it("rejects a Kuzzle whose rights it could not read", async () => {
    const parts = kuzzleWithout();
    set(parts, "kuzzle.ask", async () => ({ getProfiles: async () => [{}] }));

    await should(probe(parts)).be.rejectedWith(
      /: profile\.getAllowedPolicies, role\.checkRestrictions\.$/,
    );
  });

  describe("without a part that can be done without", () => {
    const request = kuzzleRequest({ index: "nyc", collection: "yellow" });
    request.context.connection.protocol = "websocket";

    /** What the adapter uses it for, and how it manages without. */
    const FALLBACKS: Record<string, (adapter: KuzzleAdapter) => boolean> = {
      "kuzzle.listenerCount": (adapter) => adapter.hasListeners("a:b"),
      "kuzzle.pluginPipes": (adapter) => adapter.hasListeners("a:b"),
      "kuzzle.corePipes": (adapter) => adapter.hasListeners("a:b"),
      "kuzzle.coreAnswerers": (adapter) => sharesNothing(adapter),
      "kuzzle.asyncStore": (adapter) => sharesNothing(adapter),
      "kuzzle.koncorde": (adapter) => adapter.hasSubscribers("nyc", "yellow"),
      "kuzzle.config.server.logs": (adapter) => adapter.logsAccess,
      "kuzzle.entryPoint.execute": (adapter) => {
        adapter.startRawResponder();
        return !adapter.canAnswerRaw(request);
      },
    };
    /** Kuzzle's own answerer stays in place. */
    function sharesNothing(adapter: KuzzleAdapter): boolean {
      adapter.startSharingProfiles();
      return (inside().kuzzle.coreAnswerers?.size ?? 0) === 0;
    }
    for (const [path, isSafe] of Object.entries(FALLBACKS)) {
      it(`takes the slower way, and says so: ${path}`, async () => {
        const warnings: string[] = [];
        const parts = kuzzleWithout();
        const { config } = parts.kuzzle;
        set(parts, "kuzzle.log.warn", (text: string) => warnings.push(text));
        unset(parts, path);
        const leave = becomeKuzzle(parts.kuzzle, config);
        const before = Reflect.getOwnPropertyDescriptor(global, "app");
        Reflect.defineProperty(global, "app", {
          configurable: true,
          value: parts.app,
        });
        try {
          const adapter = new KuzzleAdapter();
          await adapter.probe();

          should(isSafe(adapter)).be.true();
          should(warnings).have.length(1);
          should(warnings[0]).startWith(`[batch] Kuzzle 2.99.0 has no ${path}`);
        } finally {
          leave();
          if (before === undefined) Reflect.deleteProperty(global, "app");
          else Reflect.defineProperty(global, "app", before);
        }
      });
    }
  });
});
