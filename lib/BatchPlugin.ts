import {
  Plugin,
  type JSONObject,
  type KuzzleRequest,
  type PluginContext,
} from "kuzzle";

import { restoreEnvelope } from "./api/response/rawResponse";
import { batchController, type Actions } from "./api/BatchController";
import { BlobUrls } from "./compat/mixpeek/BlobUrls";
import { endResultCheck } from "./api/response/resultCheck";
import { mixpeekController } from "./compat/mixpeek/MixpeekController";
import { BatchGetAction } from "./api/batchGet";
import { BatchWriteAction } from "./api/batchWrite";
import { appendMetrics } from "./api/metrics";
import { nativeMetricsHooks } from "./compat/native/nativeMetrics";
import { nativePipes } from "./compat/native/nativePipes";
import {
  handlerEventsOf,
  noteArrival,
  noteHandler,
} from "./kuzzle/requestState";
import { noteRateLimit } from "./kuzzle/rights/sharedProfiles";
import { kuzzle1Controller } from "./compat/kuzzle1/Kuzzle1Controller";
import { MUpdateAction } from "./api/mUpdate";
import { MWriteAction } from "./api/mWrite";
import { WriteRunner } from "./api/writeRunner";
import { readConfig, type BatchConfig } from "./config";
import { Metrics } from "./observability/Metrics";
import { startRecovery, type RecoveryReports } from "./core/atomic/recovery";
import { createExecutionContext, SYSTEM_CLOCK } from "./core/ExecutionContext";
import type { AtomicContext } from "./core/atomic/AtomicContext";
import { ElasticsearchJournals } from "./elasticsearch/ElasticsearchJournals";
import { JOURNALS } from "./elasticsearch/journalIndex";
import { ElasticsearchStore } from "./elasticsearch/ElasticsearchStore";
import { EngineCaller } from "./elasticsearch/transport";
import { KuzzleAdapter } from "./kuzzle/KuzzleAdapter";
import { SharedClock } from "./kuzzle/SharedClock";
import type { ExecutionEnd } from "./kuzzle/RawResponder";
import { untilDone } from "./kuzzle/untilDone";
import { S3Signer } from "./compat/mixpeek/S3Signer";

/**
 * The Kuzzle versions that the plugin starts on; manifest.json is generated from it.
 * @internal
 */
export const KUZZLE_VERSION = ">=2.33.1 <3";

/**
 * Batch document operations for Kuzzle 2.
 *
 * Register it with `app.plugin.use(new BatchPlugin())`, and configure it in
 * `plugins.batch`.
 *
 * @public
 */
export class BatchPlugin extends Plugin {
  constructor() {
    super({ kuzzleVersion: KUZZLE_VERSION });
  }

  /**
   * @throws {BatchError} `batch.config.invalid`, `batch.kuzzle.unsupported`: Kuzzle
   * does not start
   */
  override async init(
    config: JSONObject,
    context: PluginContext,
  ): Promise<void> {
    const settings = readConfig(config);
    this.config = settings;
    this.context = context;

    const kuzzle = new KuzzleAdapter();
    await kuzzle.probe();
    const clock = new SharedClock(() => kuzzle.cache.time(), {
      wall: Date.now,
      monotonic: () => SYSTEM_CLOCK.now(),
      sleep: (ms) => SYSTEM_CLOCK.sleep(ms),
    });
    const metrics = new Metrics(() => clock.now());
    const tools = buildTools(settings, kuzzle, metrics, clock);
    const writes = new WriteRunner({
      kuzzle,
      tools,
      instruments: metrics,
      limits: settings,
    });
    const actions: Actions = {
      batchGet: new BatchGetAction(kuzzle, tools.execution, metrics, settings),
      mWrite: new MWriteAction(writes),
      mUpdate: new MUpdateAction(writes),
      batchWrite: new BatchWriteAction(writes),
    };

    const { kuzzle1, mixpeek } = settings.compat;
    this.api = {
      batch: batchController(actions, metrics, kuzzle, settings),
      ...(kuzzle1 && { "batch/v1": kuzzle1Controller(actions, mixpeek) }),
      ...(mixpeek && {
        "batch/documents": mixpeekController(
          actions,
          buildBlobUrls(settings, kuzzle),
        ),
      }),
    };
    const handlerEvents = handlerEventsOf(Object.keys(this.api));
    this.pipes = {
      "prometheus:afterMetrics": (request: KuzzleRequest) =>
        appendMetrics(request, metrics),
    };
    const journalIndex = createJournalIndex(context, kuzzle);
    this.hooks = {
      "kuzzle:state:live": () => {
        registerOwnListeners(kuzzle, tools, metrics, settings, handlerEvents);
        void journalIndex.then(() =>
          startRecovery(
            tools,
            recoveryReports(kuzzle, metrics),
            settings.journalSweepMs,
          ),
        );
      },
    };
    await clock.start((error) =>
      kuzzle.logError("Could not read the time of Redis", error),
    );
    await kuzzle.startHeartbeat();
    await Promise.race([
      journalIndex,
      SYSTEM_CLOCK.sleep(JOURNAL_INDEX_WAIT_MS),
    ]);
  }
}

/**
 * Much less than the time in which Kuzzle requires a plugin to start
 * (`plugins.common.initTimeout`).
 */
const JOURNAL_INDEX_WAIT_MS = 3_000;

/**
 * A slow engine may need longer to create its first index than a plugin has to start.
 * Until the index exists, atomic batches respond with 503.
 */
function createJournalIndex(
  context: PluginContext,
  kuzzle: KuzzleAdapter,
): Promise<void> {
  return untilDone(
    () =>
      context.accessors.storage.bootstrap({
        // without `settings`, Kuzzle takes the whole object for mappings
        [JOURNALS.collection]: { mappings: JOURNALS.mappings, settings: {} },
      }),
    (error) =>
      kuzzle.logError(
        "The index of atomic batches could not be created yet",
        error,
      ),
    (ms) => SYSTEM_CLOCK.sleep(ms),
  );
}

function buildTools(
  settings: BatchConfig,
  kuzzle: KuzzleAdapter,
  metrics: Metrics,
  clock: SharedClock,
): AtomicContext {
  const caller = new EngineCaller(kuzzle.transport, {
    requestTimeoutMs: settings.engineTimeoutMs,
    now: () => SYSTEM_CLOCK.now(),
    onCall: (operation, seconds) => metrics.engineCall(operation, seconds),
  });
  const store = new ElasticsearchStore(caller);
  const execution = createExecutionContext(store, settings);
  metrics.watchLanes(execution.dispatcher.lanes);

  return {
    execution,
    journals: new ElasticsearchJournals(caller),
    times: {
      leaseMs: settings.journalLeaseMs,
      tombstoneMs: settings.journalTombstoneMs,
      taskWaitMs: settings.journalTaskWaitMs,
    },
    maxJournalBytes: settings.atomicMaxBytes,
    nodeId: kuzzle.nodeId,
    epoch: () => clock.now(),
  };
}

function buildBlobUrls(
  { presign }: BatchConfig,
  kuzzle: KuzzleAdapter,
): BlobUrls | undefined {
  return (
    presign &&
    new BlobUrls(
      presign.allow,
      presign.maxUrls,
      new S3Signer(presign),
      (message, error) => kuzzle.logError(message, error),
    )
  );
}

/**
 * Pipes run in the order of their registration, and these have to be last. None of them
 * counts as listening to a response, unlike those of `this.pipes` and `this.hooks`.
 */
function registerOwnListeners(
  kuzzle: KuzzleAdapter,
  { execution, epoch }: AtomicContext,
  metrics: Metrics,
  settings: BatchConfig,
  handlerEvents: readonly string[],
): void {
  // kuzzle-plugin-prometheus also writes its text on this event
  kuzzle.addLastPipe("server:afterMetrics", (request: KuzzleRequest) =>
    appendMetrics(request, metrics),
  );
  kuzzle.addLastPipe("request:onAuthorized", (request: KuzzleRequest) =>
    noteRateLimit(noteArrival(request)),
  );
  for (const event of handlerEvents) {
    kuzzle.addLastPipe(event, noteHandler);
  }
  kuzzle.addLastPipe("request:onSuccess", endResultCheck);
  kuzzle.addLastPipe("request:afterExecution", (end: ExecutionEnd) =>
    kuzzle.rawResponder.finishHttp(restoreEnvelope(end)),
  );
  kuzzle.startRawResponder();
  kuzzle.startSharingProfiles();
  for (const pipe of nativePipes(kuzzle, execution, settings)) {
    kuzzle.addLastPipe(pipe.event, pipe.handler);
  }
  if (settings.native.metrics) {
    const hooks = nativeMetricsHooks(metrics, epoch);
    for (const [event, record] of Object.entries(hooks)) {
      kuzzle.addHook(event, record);
    }
  }
}

/** The maximum number of documents that a log line names. */
const MAX_NAMED = 20;

function namesOf(documents: readonly string[]): string {
  const rest = documents.length - MAX_NAMED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `${documents.slice(0, MAX_NAMED).join(", ")}${more}`;
}

/** Logs and counts the work of recovery, for operators on call. */
function recoveryReports(
  kuzzle: KuzzleAdapter,
  metrics: Metrics,
): RecoveryReports {
  return {
    recovered: ({ id, state, index, collections, modified }) => {
      if (state === "rolled_back" || state === "rollback_incomplete") {
        metrics.rollback(state);
      }
      const left =
        modified.length > 0
          ? `; modified concurrently, and left: ${namesOf(modified)}`
          : "";
      const names = collections
        .map(({ name }) => `${index}/${name}`)
        .join(", ");
      kuzzle.logWarning(
        `Atomic batch ${id} on ${names} was abandoned and is ${state} now${left}`,
      );
    },
    pending: ({ count, oldestCreatedAt }) =>
      metrics.pendingJournals(count, oldestCreatedAt),
    failed: (error) =>
      kuzzle.logError(
        "Abandoned atomic batches cannot be recovered yet",
        error,
      ),
  };
}
