import { Plugin, type JSONObject, type PluginContext } from "kuzzle";

import { batchController } from "./api/BatchController";
import { readConfig } from "./config";
import { createEngine, SYSTEM_CLOCK } from "./operations/engine";
import { ElasticsearchStore } from "./storage/ElasticsearchStore";
import { KuzzleAdapter } from "./storage/KuzzleAdapter";

/**
 * Batch document operations for Kuzzle 2.
 *
 * `app.plugin.use(new BatchPlugin())`, and `plugins.batch` in the config.
 */
export class BatchPlugin extends Plugin {
  constructor() {
    super({ kuzzleVersion: ">=2.30.0 <3" });
  }

  /** @throws {BatchError} `batch.config.invalid`: Kuzzle does not start */
  override init(config: JSONObject, context: PluginContext): void {
    const settings = readConfig(config);
    this.config = settings;
    this.context = context;

    const kuzzle = new KuzzleAdapter();
    const store = new ElasticsearchStore(kuzzle.transport, {
      requestTimeoutMs: settings.engineTimeoutMs,
      now: () => SYSTEM_CLOCK.now(),
    });
    const engine = createEngine(store, settings);

    this.api = { batch: batchController(kuzzle, engine, settings) };
  }
}
