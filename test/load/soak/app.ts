/** The application that test/load/soak.ts asks: it tells what it holds. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { createApp } from "../../../docker/app/app";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const app = createApp("batch-soak");

app.controller.register("features", {
  actions: {
    sample: {
      handler: async () => {
        collectGarbage();
        const { heapUsed, rss } = process.memoryUsage();
        return {
          heapMb: Math.round(heapUsed / 1024 ** 2),
          rssMb: Math.round(rss / 1024 ** 2),
          handles: process.getActiveResourcesInfo().length,
        };
      },
    },
  },
});

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
