/** Kuzzle's own actions respond byte for byte the same with and without the plugin. */
import should from "should";

import { adminJwt } from "../../features/support/kuzzle";
import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import { type RunningKuzzle, startKuzzle } from "../../scripts/stack/kuzzle";
import { CALLS, type NativeCall } from "./nativeAnswers/calls";
import { LINES, type Asked, type PublicApi } from "./nativeAnswers/lines";
import { ENGINE_MAJOR, ENGINE_URL } from "./support/engine";

const PLACE = { index: "native-answers", collection: "books" };

const OFF = {
  compat: { kuzzle1: false, mixpeek: false },
  native: { mGet: false, mWrite: false, metrics: false },
};

/** Actions whose responses the documentation says are different, while switched on. */
const IMPROVED: ReadonlySet<string> = new Set(["document:mGet", "bulk:mWrite"]);

/** By protocol, then by the position of the call. */
type Answers = Readonly<Record<string, readonly string[]>>;

interface Observed {
  readonly answers: Answers;
  readonly publicApi: PublicApi;
}

describe("native answers", function () {
  this.timeout(240_000);

  let without: Observed;

  before(async () => {
    without = await observe(undefined);
  });

  it("are compared for each document, bulk and collection action", () => {
    const { document, bulk, collection } = without.publicApi;
    const actions = Object.entries({ document, bulk, collection }).flatMap(
      ([controller, own = {}]) =>
        Object.keys(own).map((action) => `${controller}:${action}`),
    );
    should([...new Set(CALLS.map(({ name }) => name))].sort()).eql(
      actions.sort(),
    );
  });

  it("[D4] are the same byte for byte with all switches off", async () => {
    assertSame(await observe(OFF), () => true);
  });

  it("[D4] are the same byte for byte as installed, except for documented changes", async () => {
    assertSame(await observe({}), ({ name }) => !IMPROVED.has(name));
  });

  function assertSame(
    { answers }: Observed,
    isCompared: (call: NativeCall) => boolean,
  ): void {
    for (const [protocol, texts] of Object.entries(answers)) {
      CALLS.forEach((call, i) => {
        if (isCompared(call)) {
          should(texts[i]).equal(without.answers[protocol]?.[i], protocol);
        }
      });
    }
  }
});

/** @param batch the plugin's config; undefined: there is no plugin */
async function observe(batch: object | undefined): Promise<Observed> {
  const kuzzle = await startKuzzle({
    engines: {
      elasticsearch: { url: ENGINE_URL, major: ENGINE_MAJOR === "7" ? 7 : 8 },
      redis: parseRedisUrl(String(process.env.TEST_REDIS_URL)),
    },
    log: () => undefined,
    name: "kuzzle-native-answers",
    app: "test/integration/switches/app.ts",
    config: { plugins: { ...(batch && { batch }) } },
    mqttPort: 0,
  });
  try {
    const { result: publicApi } = (await manage(
      kuzzle,
      "server",
      "publicApi",
    )) as { result: PublicApi };
    const answers: Record<string, string[]> = {};
    for (const [protocol, open] of Object.entries(LINES)) {
      await manage(kuzzle, "index", "create");
      const line = await open(kuzzle, publicApi);
      const texts: string[] = [];
      for (const [i, call] of CALLS.entries()) {
        const isSent = call.onlyHttp !== true || protocol === "http";
        texts.push(isSent ? lasting(await line.ask(requestOf(call, i))) : "");
      }
      answers[protocol] = texts;
      await line.close();
      await manage(kuzzle, "index", "delete");
    }
    return { answers, publicApi };
  } finally {
    await kuzzle.stop();
  }
}

function requestOf(
  { name, onlyHttp: _, ...args }: NativeCall,
  i: number,
): Asked {
  const [controller = "", action = ""] = name.split(":");
  return {
    ...PLACE,
    ...args,
    ...{ controller, action },
    requestId: `${i} ${name}`,
    jwt: adminJwt(),
  };
}

/** Without what differs between runs: names, times, positions in the code. */
function lasting(text: string): string {
  return text
    .replace(/knode-[\w-]+/g, "knode")
    .replace(
      /(\\*"(?:createdAt|updatedAt|took|uuid|index_uuid|creation_date)\\*":\\*"?)[\w-]+/g,
      "$1…",
    )
    .replace(/(\\*"(?:scrollId|stack)\\*":)\\*"(?:(?!\\*"[,}]).)*/g, "$1…");
}

async function manage(
  { url }: RunningKuzzle,
  controller: string,
  action: string,
): Promise<unknown> {
  const response = await fetch(`${url}/_query`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${adminJwt()}`,
    },
    body: JSON.stringify({ controller, action, index: PLACE.index }),
  });
  return response.json();
}
