import {
  SpanKind,
  SpanStatusCode,
  type Span,
  type Tracer,
} from "@opentelemetry/api";

import type { ActionSummary, ActionTrace } from "./instruments";

/** How a run of an action ended. */
type ActionOutcome = "complete" | "partial" | "failed";

type OnEnd = (
  outcome: ActionOutcome,
  seconds: number,
  summary: ActionSummary | undefined,
) => void;

/**
 * One run of an action. Its span follows the semantic conventions for database
 * clients, and is a no-op without an OpenTelemetry SDK.
 */
export class ActionRun implements ActionTrace {
  private readonly startedAt = process.hrtime.bigint();
  private readonly span: Span;
  private summary: ActionSummary | undefined;

  constructor(
    tracer: Tracer,
    private readonly action: string,
    private readonly onEnd: OnEnd,
  ) {
    this.span = tracer.startSpan(action, {
      kind: SpanKind.CLIENT,
      attributes: {
        "db.system.name": "elasticsearch",
        "db.operation.name": action,
      },
    });
  }

  target(index: string, collection?: string, writes = 0): void {
    if (!this.span.isRecording()) {
      return;
    }
    const name = collection === undefined ? index : `${index}/${collection}`;
    this.span.updateName(`${this.action} ${name}`);
    this.span.setAttribute("db.namespace", index);
    if (collection !== undefined) {
      this.span.setAttribute("db.collection.name", collection);
    }
    if (writes >= 2) {
      this.span.setAttribute("db.operation.batch.size", writes);
    }
  }

  report(summary: ActionSummary): void {
    this.summary = summary;
    if (!this.span.isRecording()) {
      return;
    }
    for (const { operation, outcome, count } of summary.operations) {
      this.span.setAttribute(`kuzzle.batch.${operation}.${outcome}`, count);
    }
  }

  succeed(): void {
    this.end(this.summary?.isComplete === false ? "partial" : "complete");
  }

  fail(error: unknown): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.setAttribute("error.type", errorType(error));
    this.end("failed");
  }

  private end(outcome: ActionOutcome): void {
    this.span.end();
    const nanoseconds = Number(process.hrtime.bigint() - this.startedAt);
    this.onEnd(outcome, nanoseconds / 1e9, this.summary);
  }
}

/** An id from the error table if there is one, never a message. */
function errorType(error: unknown): string {
  const { id, name } = error as { id?: unknown; name?: unknown };
  return typeof id === "string" ? id : String(name);
}
