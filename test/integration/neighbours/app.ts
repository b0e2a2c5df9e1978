/** An application with many plugins, with ours if the environment says so. */
import { DeviceManagerPlugin } from "kuzzle-device-manager";
import { Backend, type KuzzleRequest } from "kuzzle";
import { PrometheusPlugin } from "kuzzle-plugin-prometheus";
import { merge } from "lodash";

import { BatchPlugin } from "../../../index";

/** For each, all events before and after, by a name with a star. */
const SCOPES = [
  ...["auth", "bulk", "collection", "document", "index", "realtime", "server"],
  ...["batch", "batch/v1", "batch/documents"],
  ...["generic:document", "request", "device-manager/assets"],
  ...["device-manager/engine", "device-manager/models"],
];

const app = new Backend("batch-neighbours");
merge(
  app.config.content,
  { cluster: { enabled: false } },
  JSON.parse(process.env.KUZZLE_CONFIG || "{}"),
);
app.plugin.use(new DeviceManagerPlugin());
app.plugin.use(new PrometheusPlugin());
if (process.env.WITH_BATCH === "yes") app.plugin.use(new BatchPlugin());
for (const scope of SCOPES) {
  app.pipe.register(
    `${scope}:*`,
    async (payload: KuzzleRequest): Promise<KuzzleRequest> => payload,
  );
}
app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
