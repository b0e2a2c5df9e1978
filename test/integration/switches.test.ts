/**
 * What the plugin's switches change in a Kuzzle: each alone is compared with all of them
 * off, and that with a Kuzzle without the plugin.
 */
import should from "should";

import { adminJwt } from "../../features/support/kuzzle";
import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import { startKuzzle } from "../../scripts/stack/kuzzle";
import { ENGINE_MAJOR } from "./support/engine";
import { FaultProxy } from "./support/FaultProxy";

const PLACE = { index: "switches", collection: "books" };
const STRICT = {
  mappings: { dynamic: "strict", properties: { n: { type: "integer" } } },
};

const OFF = {
  compat: { kuzzle1: false, mixpeek: false },
  native: { mGet: false, mWrite: false, metrics: false },
};

/** What every Kuzzle with the plugin has, for the plugin's own actions. */
const OWN_LISTENERS = {
  // from the embedded SDK, as in any Kuzzle with a plugin that uses it
  "hook core:network:internal:message": 1,
  "hook kuzzle:state:live": 1,
  "pipe batch:beforeBatchGet": 1,
  "pipe batch:beforeBatchWrite": 1,
  "pipe batch:beforeMUpdate": 1,
  "pipe batch:beforeMWrite": 1,
  "pipe prometheus:afterMetrics": 1,
  "pipe request:afterExecution": 1,
  "pipe request:onAuthorized": 1,
  "pipe request:onSuccess": 1,
  "pipe server:afterMetrics": 1,
};

type Json = Record<string, any>;

interface Observed {
  readonly publicApi: Json;
  readonly listeners: Readonly<Record<string, number>>;
  /** by request, without what differs between runs */
  readonly answers: Readonly<Record<string, Json>>;
  /** the calls to the engine for the collection, by request */
  readonly engineCalls: Readonly<Record<string, readonly string[]>>;
  /** labels of native actions in the plugin's metrics */
  readonly measured: readonly string[];
}

/** Requests that any Kuzzle answers in some way. */
const REQUESTS: Readonly<Record<string, readonly [string, string, unknown?]>> =
  {
    "document:mCreate": [
      "POST",
      "/switches/books/_mCreate",
      { documents: [{ _id: "dune", body: { n: 1 } }] },
    ],
    "document:mGet, all found": [
      "POST",
      "/switches/books/_mGet",
      { ids: ["dune"] },
    ],
    "document:mGet": [
      "POST",
      "/switches/books/_mGet",
      { ids: ["dune", "nowhere"] },
    ],
    "bulk:mWrite": [
      "POST",
      "/switches/books/_mWrite",
      { documents: [{ _id: "emma", body: { n: 2 } }] },
    ],
    "bulk:mWrite, strict": [
      "POST",
      "/switches/books/_mWrite?strict",
      { documents: [{ _id: "ulysses", body: { unknown: 2 } }] },
    ],
    "document:mUpdate": [
      "PUT",
      "/switches/books/_mUpdate",
      { documents: [{ _id: "dune", body: { n: 3 } }] },
    ],
    "the route of Kuzzle 1": [
      "POST",
      "/v1/switches/books/_mGet",
      { ids: ["dune"] },
    ],
    "the route of Mixpeek": [
      "POST",
      "/v1/documents/batch-get?namespace=switches",
      { document_ids: ["dune"] },
    ],
  };

describe("a Kuzzle with the plugin", function () {
  this.timeout(240_000);

  let proxy: FaultProxy;
  let without: Observed;
  let off: Observed;

  before(async () => {
    proxy = await FaultProxy.start();
    without = await observe(undefined);
    off = await observe(OFF);
  });

  after(() => proxy?.stop());

  it("[D4] and all switches off has only the plugin's own controller", () => {
    const { batch, ...others } = off.publicApi;
    should(batch).be.an.Object();
    should(others).eql(without.publicApi);
    should(added(off.listeners, without.listeners)).eql(OWN_LISTENERS);
    should(off.answers).eql(without.answers);
    should(off.engineCalls).eql(without.engineCalls);
    should(off.measured).eql([]);
  });

  /** The switch, and the keys that differ from all switches off. */
  const CASES: ReadonlyArray<
    readonly [
      title: string,
      config: Json,
      expected: {
        readonly controllers?: readonly string[];
        readonly listeners?: Record<string, number>;
        readonly answers?: readonly string[];
        readonly engineCalls?: readonly string[];
        readonly measured?: readonly string[];
      },
    ]
  > = [
    [
      "compat.kuzzle1",
      { ...OFF, compat: { ...OFF.compat, kuzzle1: true } },
      {
        controllers: ["batch/v1"],
        listeners: { "pipe batch/v1:beforeMGet": 1 },
        answers: ["the route of Kuzzle 1"],
        engineCalls: ["the route of Kuzzle 1"],
      },
    ],
    [
      "compat.mixpeek",
      { ...OFF, compat: { ...OFF.compat, mixpeek: true } },
      {
        controllers: ["batch/documents"],
        listeners: { "pipe batch/documents:beforeBatchGet": 1 },
        answers: ["the route of Mixpeek"],
        engineCalls: ["the route of Mixpeek"],
      },
    ],
    [
      "native.mGet",
      { ...OFF, native: { ...OFF.native, mGet: true } },
      {
        listeners: { "pipe request:onSuccess": 1 },
        answers: ["document:mGet", "document:mGet, all found"],
        engineCalls: ["document:mGet"],
      },
    ],
    [
      "native.mWrite",
      { ...OFF, native: { ...OFF.native, mWrite: true } },
      {
        listeners: { "pipe bulk:beforeMWrite": 1 },
        answers: ["bulk:mWrite, strict"],
        engineCalls: ["bulk:mWrite, strict"],
      },
    ],
    [
      "native.metrics",
      { ...OFF, native: { ...OFF.native, metrics: true } },
      {
        listeners: { "hook request:onError": 1, "hook request:onSuccess": 1 },
        measured: ["native:mGet", "native:mUpdate", "native:mWrite"],
      },
    ],
  ];

  for (const [title, config, expected] of CASES) {
    it(`[D4] and ${title} on has what belongs to it, and nothing else`, async () => {
      const on = await observe(config);
      should({
        controllers: different(on.publicApi, off.publicApi),
        listeners: added(on.listeners, off.listeners),
        answers: different(on.answers, off.answers),
        engineCalls: different(on.engineCalls, off.engineCalls),
        measured: on.measured,
      }).eql({
        controllers: [],
        listeners: {},
        answers: [],
        engineCalls: [],
        measured: [],
        ...expected,
      });
    });
  }

  /** @param batch the plugin's config; undefined: there is no plugin */
  async function observe(batch: Json | undefined): Promise<Observed> {
    const kuzzle = await startKuzzle({
      engines: {
        elasticsearch: { url: proxy.url, major: ENGINE_MAJOR === "7" ? 7 : 8 },
        redis: parseRedisUrl(String(process.env.TEST_REDIS_URL)),
      },
      log: () => undefined,
      name: "kuzzle-with-switches",
      app: "test/integration/switches/app.ts",
      config: { plugins: { ...(batch && { batch }) } },
    });
    const send = (verb: string, path: string, body?: unknown) =>
      sendTo(kuzzle.url, verb, path, body);
    const query = async (controller: string, action: string, more: Json = {}) =>
      send("POST", "/_query", { controller, action, ...more });
    try {
      await query("index", "delete", { index: PLACE.index });
      await query("index", "create", { index: PLACE.index });
      await query("collection", "create", { ...PLACE, body: STRICT });

      const answers: Record<string, Json> = {};
      const engineCalls: Record<string, string[]> = {};
      for (const [name, [verb, path, body]] of Object.entries(REQUESTS)) {
        proxy.watch(`${PLACE.index}.${PLACE.collection}`);
        answers[name] = withoutVolatile(await send(verb, path, body));
        engineCalls[name] = proxy.seen.map(
          (call) => `${call.method} ${call.path}`,
        );
      }
      const { result: metrics } = await query("batch", "metrics");
      return {
        publicApi: (await query("server", "publicApi")).result,
        listeners: (await query("inside", "listeners")).result,
        answers,
        engineCalls,
        measured: nativeLabels(String(metrics)),
      };
    } finally {
      await query("index", "delete", { index: PLACE.index });
      await kuzzle.stop();
    }
  }
});

async function sendTo(
  url: string,
  verb: string,
  path: string,
  body: unknown,
): Promise<Json> {
  const response = await fetch(`${url}${path}`, {
    method: verb,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${adminJwt()}`,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text.startsWith("{") ? (JSON.parse(text) as Json) : { result: text };
}

/** Over HTTP the raw text; without the plugin the action does not exist. */
function nativeLabels(metrics: string): string[] {
  const labels = [...metrics.matchAll(/action="(native:\w+)"/g)];
  return [...new Set(labels.map(([, label]) => String(label)))].sort();
}

const VOLATILE = new Set(["requestId", "node", "createdAt", "updatedAt"]);

function withoutVolatile(answer: Json): Json {
  return JSON.parse(
    JSON.stringify(answer, (key, value: unknown) =>
      VOLATILE.has(key) ? undefined : value,
    ),
  ) as Json;
}

/** By how much each has increased. */
function added(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])];
  return Object.fromEntries(
    names
      .sort()
      .map((name) => [name, (now[name] ?? 0) - (before[name] ?? 0)] as const)
      .filter(([, difference]) => difference !== 0),
  );
}

/** The keys with different values, sorted. */
function different(now: Json, before: Json): string[] {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])];
  return names
    .filter(
      (name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]),
    )
    .sort();
}
