import {
  Plugin,
  type JSONObject,
  type KuzzleRequest,
  type PluginContext,
} from "kuzzle";

import { undoBareAnswer } from "./api/bareAnswer";
import { batchController } from "./api/BatchController";
import { BlobUrls } from "./api/blobUrls";
import { documentsController } from "./api/DocumentsController";
import { appendMetrics } from "./api/metricsAction";
import { nativePipes } from "./api/nativePipes";
import { v1Controller } from "./api/V1Controller";
import { readConfig } from "./config";
import { Metrics } from "./metrics";
import { createEngine, SYSTEM_CLOCK } from "./operations/engine";
import { ElasticsearchStore } from "./storage/ElasticsearchStore";
import { KuzzleAdapter } from "./storage/KuzzleAdapter";
import { S3Signer } from "./storage/S3Signer";

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

    const { presign } = settings;
    const blobUrls =
      presign &&
      new BlobUrls(presign.allow, new S3Signer(presign), (message, error) =>
        kuzzle.logError(message, error),
      );

    this.api = {
      batch: batchController(kuzzle, engine, metrics, settings),
      "batch/v1": v1Controller(kuzzle, engine, metrics, settings),
      "batch/documents": documentsController(
        kuzzle,
        engine,
        metrics,
        settings,
        blobUrls,
      ),
    };
    this.pipes = {
      "prometheus:afterMetrics": (request: KuzzleRequest) =>
        appendMetrics(request, metrics),
    };
    this.hooks = {
      // pipes run in the order of their registration: ours have to be the last
      "kuzzle:state:live": () => {
        // kuzzle-plugin-prometheus writes its text on this event too
        kuzzle.addLastPipe("server:afterMetrics", (request: KuzzleRequest) =>
          appendMetrics(request, metrics),
        );
        kuzzle.addLastPipe("request:afterExecution", undoBareAnswer);
        for (const pipe of nativePipes(kuzzle, engine, settings)) {
          kuzzle.addLastPipe(pipe.event, pipe.handler);
        }
      },
    };
  }
}
