import { Backend } from "kuzzle";
import { merge } from "lodash";

import { BatchPlugin } from "../../index";

/**
 * A Kuzzle application with the plugin in it.
 *
 * Engines and ports come in Kuzzle's own ways (`kuzzle_services__…` variables,
 * .kuzzlerc) or, from the launcher, as one JSON object in KUZZLE_CONFIG.
 */
export function createApp(name = "batch-demo"): Backend {
  const app = new Backend(name);
  merge(
    app.config.content,
    // Alone on its machine, a node would wait for others in vain.
    { cluster: { enabled: false } },
    JSON.parse(process.env.KUZZLE_CONFIG || "{}"),
  );
  app.plugin.use(new BatchPlugin());
  return app;
}

if (require.main === module) {
  createApp()
    .start()
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
}
