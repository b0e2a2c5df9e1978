import { PrometheusPlugin } from "kuzzle-plugin-prometheus";

import { createApp } from "../../docker/app/app";

const app = createApp("batch-monitored");

app.plugin.use(new PrometheusPlugin());
app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
