import { ApiError, type Connection } from "../connection/connection";
import { ReliableConnection } from "../connection/ReliableConnection";
import type { DocumentRow } from "../input/rows";
import type { LoadJob, LoadReport } from "./job";
import { Pace } from "./Pace";
import { Sender, type SendOutcome } from "./Sender";
import { UnsetSender } from "./UnsetSender";

const SAME_OUTAGE_MS = 3_000;

/** Sends documents, or counts them as done if there is no connection. */
export class Sending {
  private readonly sender: Pick<Sender, "send"> | undefined;
  private readonly report: LoadReport;
  private readonly pace: Pace | undefined;
  /** something may have been written */
  hasBegun = false;

  constructor(
    { target, limits, retryForMs, rate }: LoadJob,
    connection: Connection | undefined,
    runId: string,
    report: LoadReport,
    private readonly signal: AbortSignal,
  ) {
    this.report = report;
    this.pace = rate === undefined ? undefined : new Pace(rate);
    if (connection === undefined) return;
    let notedAt = -Infinity;
    const onWait = (reason: string) => {
      // once for all requests in flight
      if (performance.now() - notedAt < SAME_OUTAGE_MS) return;
      notedAt = performance.now();
      report.onNote(`${connection.server}: ${reason}. Retrying.`);
    };
    const reliable = new ReliableConnection(connection, {
      ...{ retryForMs, onWait, signal },
    });
    const sender = new Sender(connection, reliable, target, runId);
    this.sender =
      target.unset === undefined
        ? sender
        : new UnsetSender(
            ...([reliable, sender, target] as const),
            ...([target.unset, limits.maxBytes] as const),
          );
  }

  async send(documents: readonly DocumentRow[]): Promise<SendOutcome> {
    if (this.sender === undefined) {
      this.report.onDocuments?.(documents);
      return { done: documents.length, failed: new Map() };
    }
    await this.pace?.take(documents.length, this.signal);
    try {
      const outcome = await this.sender.send(documents);
      this.hasBegun = true;
      return outcome;
    } catch (error) {
      if (!isRejectedBeforehand(error)) this.hasBegun = true;
      throw error;
    }
  }
}

/** For missing rights or an unknown collection: nothing was written. */
function isRejectedBeforehand(error: unknown): boolean {
  return (
    error instanceof ApiError && [401, 403, 404, 412].includes(error.status)
  );
}
