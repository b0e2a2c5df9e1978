/**
 * The plugin in a Kuzzle with kuzzle-device-manager, kuzzle-plugin-prometheus and pipes on
 * every event.
 */
import should from "should";

import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import { type RunningKuzzle, startKuzzle } from "../../scripts/stack/kuzzle";
import { adminJwt } from "../../features/support/kuzzle";
import { ENGINE_MAJOR, ENGINE_URL } from "./support/engine";

const ENGINE = "neighbours-tenant";
const DEVICE_MANAGER = "device-manager";

/** The life of a tenant, from creation to deletion. */
const CALLS: readonly object[] = [
  // without one, device-manager rejects models
  call("engine:create", { index: ENGINE }),
  call("models:writeMeasure", {
    body: {
      type: "warmth",
      valuesMappings: { warmth: { type: "float" } },
    },
  }),
  call("models:writeAsset", {
    body: {
      engineGroup: "commons",
      model: "Room",
      metadataMappings: { floor: { type: "integer" } },
      measures: [{ name: "warmth", type: "warmth" }],
    },
  }),
  call("assets:create", {
    engineId: ENGINE,
    body: { model: "Room", reference: "kitchen", metadata: { floor: 1 } },
    refresh: "wait_for",
  }),
  call("assets:get", { engineId: ENGINE, _id: "Room-kitchen" }),
  call("assets:update", {
    engineId: ENGINE,
    _id: "Room-kitchen",
    body: { metadata: { floor: 2 } },
    refresh: "wait_for",
  }),
  call("assets:search", { engineId: ENGINE, body: {} }),
  call("assets:get", { engineId: ENGINE, _id: "nowhere" }),
  call("assets:delete", {
    engineId: ENGINE,
    _id: "Room-kitchen",
    refresh: "wait_for",
  }),
  call("engine:delete", { index: ENGINE }),
  call("models:deleteAsset", { _id: "model-asset-Room" }),
  call("models:deleteMeasure", { _id: "model-measure-warmth" }),
];

function call(name: string, args: object): object {
  const [controller, action] = name.split(":");
  return { controller: `${DEVICE_MANAGER}/${controller}`, action, ...args };
}

describe("neighbours in one Kuzzle", function () {
  this.timeout(240_000);

  it("start on an empty engine and on a filled one, and answer the same with and without the plugin", async () => {
    // within Kuzzle's default time for plugins
    const empty = await answers("yes");
    const filled = await answers("yes");
    const without = await answers("no", [
      { controller: "index", action: "delete", index: DEVICE_MANAGER },
    ]);

    should(filled).eql(empty);
    should(filled).eql(without);
    should(statusesOf(empty)).eql(
      CALLS.map((each) => (isForMissing(each) ? 404 : 200)),
    );
  });

  /** Starts a separate Kuzzle, sends all calls, cleans up, and stops it. */
  async function answers(
    withBatch: "yes" | "no",
    cleaning: readonly object[] = [],
  ): Promise<unknown[]> {
    const kuzzle = await startKuzzle({
      engines: {
        elasticsearch: { url: ENGINE_URL, major: ENGINE_MAJOR === "8" ? 8 : 7 },
        redis: parseRedisUrl(process.env["TEST_REDIS_URL"] ?? ""),
      },
      app: "test/integration/neighbours/app.ts",
      name: `neighbours-${withBatch}`,
      env: { WITH_BATCH: withBatch },
      log: () => undefined,
    });
    try {
      const found: unknown[] = [];
      for (const each of CALLS) found.push(lasting(await send(kuzzle, each)));
      const metrics = await fetch(`${kuzzle.url}/_/metrics`, {
        headers: { authorization: `Bearer ${adminJwt()}` },
      });
      const text = await metrics.text();
      should(text).match(/kuzzle_/);
      should(/kuzzle_batch_/.test(text)).equal(withBatch === "yes");
      for (const each of cleaning) await send(kuzzle, each);
      return found;
    } finally {
      await kuzzle.stop();
    }
  }

  async function send(kuzzle: RunningKuzzle, body: object): Promise<object> {
    const response = await fetch(`${kuzzle.url}/_query`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as object;
  }

  function statusesOf(list: readonly unknown[]): number[] {
    return list.map((each) => (each as { status: number }).status);
  }

  function isForMissing(each: object): boolean {
    return (each as { _id?: string })._id === "nowhere";
  }

  /** Without what differs between runs: times, positions, ids. */
  function lasting(answer: unknown): unknown {
    const text = JSON.stringify(answer, (key, value: unknown) =>
      PASSING.has(key) ? "…" : value,
    );
    return JSON.parse(text) as unknown;
  }
});

const PASSING = new Set([
  // the engine continues the counters of an earlier document
  ...["_version", "_seq_no"],
  ...["requestId", "node", "took", "stack", "scrollId"],
  ...["createdAt", "updatedAt", "_kuzzle_info", "timestamp", "softTenant"],
]);
