/**
 * The application for test/load/bounds.ts, which reports how long its event loop was
 * blocked.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

import { createApp } from "../../../docker/app/app";

const RESOLUTION_MS = 5;

const app = createApp("batch-bounds");
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

app.controller.register("features", {
  actions: {
    /** the longest block since the last call, in ms */
    block: {
      handler: async () => {
        const blockMs = delay.max / 1e6 - RESOLUTION_MS;
        delay.reset();
        return { blockMs };
      },
    },
  },
});

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
