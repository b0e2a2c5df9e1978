/** The application for test/load/stream.ts: with higher limits, and it reports its memory. */
import { createApp } from "../../docker/app/app";

const app = createApp("batch-stream");

app.config.set("limits.documentsFetchCount", 1_000_000);
app.config.set("server.maxRequestSize", "64MB");

app.controller.register("features", {
  actions: {
    memory: { handler: async () => ({ rss: process.memoryUsage().rss }) },
  },
});

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
