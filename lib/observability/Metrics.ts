import { trace as tracing } from "@opentelemetry/api";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

import { ActionRun } from "./ActionRun";
import type { ActionSummary } from "./instruments";

/** The state of a lane of calls, read when metrics are requested. */
export interface LaneState {
  readonly inflight: number;
  readonly limit: number;
}

/** From a cached get to a bulk that reaches its timeout, in seconds. */
const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const DOCUMENT_BUCKETS = [1, 10, 50, 100, 200, 500, 1_000, 5_000, 10_000];

/** The name of this plugin in the OpenTelemetry SDK, if there is one. */
const TRACER_NAME = "kuzzle-plugin-batch";

/**
 * The plugin's counters, in a registry of their own. All values are those of one node.
 * Labels are names of a few actions, operations and outcomes, never an id, a user, an
 * index or a collection.
 */
export class Metrics {
  private readonly registry = new Registry();

  private readonly operationDuration = new Histogram({
    name: "kuzzle_batch_operation_duration_seconds",
    help: "How long actions took, from the request to the answer.",
    labelNames: ["action", "outcome"] as const,
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });
  private readonly documents = new Counter({
    name: "kuzzle_batch_documents_total",
    help: "Documents, by their result.",
    labelNames: ["action", "result"] as const,
    registers: [this.registry],
  });
  private readonly writeOperations = new Counter({
    name: "kuzzle_batch_write_operations_total",
    help: "Operations on documents, by kind and outcome.",
    labelNames: ["action", "operation", "outcome"] as const,
    registers: [this.registry],
  });
  private readonly documentErrors = new Counter({
    name: "kuzzle_batch_document_errors_total",
    help: "Documents in errors, by code.",
    labelNames: ["action", "code"] as const,
    registers: [this.registry],
  });
  private readonly requestDocuments = new Histogram({
    name: "kuzzle_batch_request_documents",
    help: "Number of documents per request.",
    labelNames: ["action"] as const,
    buckets: DOCUMENT_BUCKETS,
    registers: [this.registry],
  });
  private readonly retries = new Counter({
    name: "kuzzle_batch_retries_total",
    help: "Documents that were sent again, by reason.",
    labelNames: ["action", "reason"] as const,
    registers: [this.registry],
  });
  private readonly conflicts = new Counter({
    name: "kuzzle_batch_conflicts_total",
    help: "Version conflicts reported by Elasticsearch.",
    labelNames: ["action"] as const,
    registers: [this.registry],
  });
  private readonly engineCalls = new Counter({
    name: "kuzzle_batch_engine_calls_total",
    help: "Calls to Elasticsearch.",
    labelNames: ["operation"] as const,
    registers: [this.registry],
  });
  private readonly engineDuration = new Histogram({
    name: "kuzzle_batch_engine_duration_seconds",
    help: "How long calls to Elasticsearch took, as seen by Kuzzle.",
    labelNames: ["operation"] as const,
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });

  private readonly rollbacks = new Counter({
    name: "kuzzle_batch_rollbacks_total",
    help: "Atomic batches that were rolled back, by outcome.",
    labelNames: ["outcome"] as const,
    registers: [this.registry],
  });
  private readonly replays = new Counter({
    name: "kuzzle_batch_idempotent_replays_total",
    help: "Answers that were replayed for an idempotency key.",
    registers: [this.registry],
  });
  private readonly tracer = tracing.getTracer(TRACER_NAME);
  private oldestJournalAt: number | undefined;
  private readonly journalsPending = new Gauge({
    name: "kuzzle_batch_journals_pending",
    help: "Atomic batches that are running or abandoned, in the whole cluster.",
    registers: [this.registry],
  });

  constructor(epoch: () => number) {
    const oldest = (): number | undefined => this.oldestJournalAt;
    new Gauge({
      name: "kuzzle_batch_journal_oldest_age_seconds",
      help: "Age of the oldest running or abandoned atomic batch; 0 if there is none.",
      registers: [this.registry],
      collect() {
        const since = oldest();
        this.set(since === undefined ? 0 : (epoch() - since) / 1_000);
      },
    });
  }

  native(
    action: string,
    seconds: number,
    isFailed: boolean,
    documents: Readonly<Record<string, number>>,
  ): void {
    const { error = 0 } = documents;
    const outcome = isFailed ? "failed" : error > 0 ? "partial" : "complete";
    this.operationDuration.observe({ action, outcome }, seconds);
    this.countDocuments(action, documents);
  }

  replay(): void {
    this.replays.inc();
  }

  rollback(outcome: "rolled_back" | "rollback_incomplete" | "unknown"): void {
    this.rollbacks.inc({ outcome });
  }

  /** @param oldestCreatedAt milliseconds since the epoch */
  pendingJournals(count: number, oldestCreatedAt: number | undefined): void {
    this.journalsPending.set(count);
    this.oldestJournalAt = oldestCreatedAt;
  }

  /**
   * Adds the metrics of the lanes once these exist.
   *
   * @param lanes by their names, which are a label
   */
  watchLanes(lanes: Readonly<Record<string, LaneState>>): void {
    const watch = (
      name: string,
      help: string,
      valueOf: (lane: LaneState) => number,
    ): void => {
      new Gauge({
        name,
        help,
        labelNames: ["lane"] as const,
        registers: [this.registry],
        collect() {
          for (const [lane, state] of Object.entries(lanes)) {
            this.set({ lane }, valueOf(state));
          }
        },
      });
    };
    watch(
      "kuzzle_batch_inflight",
      "Concurrent calls to Elasticsearch.",
      ({ inflight }) => inflight,
    );
    watch(
      "kuzzle_batch_concurrency_limit",
      "Current limit of concurrent calls to Elasticsearch.",
      ({ limit }) => limit,
    );
  }

  engineCall(operation: string, seconds: number): void {
    this.engineCalls.inc({ operation });
    this.engineDuration.observe({ operation }, seconds);
  }

  start(action: string): ActionRun {
    return new ActionRun(this.tracer, action, (outcome, seconds, summary) => {
      this.operationDuration.observe({ action, outcome }, seconds);
      if (summary !== undefined) {
        this.count(action, summary);
      }
    });
  }

  async render(): Promise<{ contentType: string; text: string }> {
    return {
      contentType: this.registry.contentType,
      text: await this.registry.metrics(),
    };
  }

  private countDocuments(
    action: string,
    documents: Readonly<Record<string, number>>,
  ): void {
    for (const [result, count] of Object.entries(documents)) {
      if (count > 0) {
        this.documents.inc({ action, result }, count);
      }
    }
  }

  private count(
    action: string,
    {
      stats,
      conflictRetries,
      documents,
      operations,
      errorCodes,
    }: ActionSummary,
  ): void {
    this.requestDocuments.observe({ action }, stats.requested);
    this.countDocuments(action, documents);
    for (const { operation, outcome, count } of operations) {
      this.writeOperations.inc({ action, operation, outcome }, count);
    }
    for (const [code, count] of Object.entries(errorCodes)) {
      this.documentErrors.inc({ action, code }, count);
    }
    if (stats.conflicts > 0) {
      this.conflicts.inc({ action }, stats.conflicts);
    }
    const rejections = stats.retries - conflictRetries;
    if (conflictRetries > 0) {
      this.retries.inc({ action, reason: "conflict" }, conflictRetries);
    }
    if (rejections > 0) {
      this.retries.inc({ action, reason: "rejected" }, rejections);
    }
  }
}
