import {
  Plugin,
  type JSONObject,
  type KuzzleRequest,
  type PluginContext,
} from "kuzzle";

import { batchController } from "./api/BatchController";
import { appendMetrics } from "./api/metricsAction";
import { readConfig } from "./config";
import { Metrics } from "./metrics";
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
    const metrics = new Metrics();
    const store = new ElasticsearchStore(kuzzle.transport, {
      requestTimeoutMs: settings.engineTimeoutMs,
      now: () => SYSTEM_CLOCK.now(),
      onCall: (operation, seconds) => metrics.engineCall(operation, seconds),
    });
    const engine = createEngine(store, settings);
    metrics.watchLimiter(engine.limiter);

    this.api = { batch: batchController(kuzzle, engine, metrics, settings) };
    this.pipes = {
      "prometheus:afterMetrics": (request: KuzzleRequest) =>
        appendMetrics(request, metrics),
    };
    this.hooks = {
      // kuzzle-plugin-prometheus writes its text on this event too, and pipes
      // run in the order of their registration: ours has to be the last
      "kuzzle:state:live": () =>
        kuzzle.addLastPipe("server:afterMetrics", (request: KuzzleRequest) =>
          appendMetrics(request, metrics),
        ),
    };
  }
}
