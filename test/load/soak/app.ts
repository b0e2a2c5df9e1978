/** The application for test/load/soak.ts, which reports its resources. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { createApp } from "../../../docker/app/app";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const app = createApp("batch-soak");

// what is kept for a while reaches its maximum before the warm-up is over
app.config.set("plugins.batch", {
  engineTimeoutMs: 10_000,
  journalLeaseMs: 20_000,
  journalTombstoneMs: 10_000,
});

app.controller.register("features", {
  actions: {
    sample: {
      handler: async () => {
        collectGarbage();
        const { heapUsed, rss } = process.memoryUsage();
        const keyspace = await kuzzleItself().ask(
          "core:cache:internal:execute",
          "info",
          "keyspace",
        );
        return {
          heapMb: Math.round(heapUsed / 1024 ** 2),
          rssMb: Math.round(rss / 1024 ** 2),
          handles: process.getActiveResourcesInfo().length,
          ...countKeys(keyspace),
        };
      },
    },
  },
});

/** It does not exist before the start. */
function kuzzleItself(): {
  ask(event: string, ...args: string[]): Promise<string>;
} {
  return (globalThis as unknown as { kuzzle: ReturnType<typeof kuzzleItself> })
    .kuzzle;
}

/** Of all Redis databases, from `INFO keyspace`. */
function countKeys(keyspace: string): {
  readonly lastingKeys: number;
  readonly expiringKeys: number;
} {
  let lastingKeys = 0;
  let expiringKeys = 0;
  for (const [, keys, expires] of keyspace.matchAll(
    /keys=(\d+),expires=(\d+)/g,
  )) {
    lastingKeys += Number(keys) - Number(expires);
    expiringKeys += Number(expires);
  }
  return { lastingKeys, expiringKeys };
}

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
