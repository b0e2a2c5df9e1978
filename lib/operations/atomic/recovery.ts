import { EngineError } from "../engine";
import { newTally } from "../tally";
import {
  isFinal,
  type Journal,
  type PendingJournals,
  type StoredJournal,
} from "../../storage/JournalStore";
import {
  change,
  giveUp,
  leaseEnd,
  OutcomeUnknown,
  type AtomicTools,
} from "./settleJournal";
import { undo, UndoInterrupted } from "./undo";

export type { AtomicTools };

/** What recovery tells of, for the log and the metrics. */
export interface RecoveryReports {
  /** a batch of a dead node was settled */
  settled(journal: Journal): void;
  pending(journals: PendingJournals): void;
  /** nothing is lost: it is tried again in the next sweep */
  failed(error: Error): void;
}

/**
 * One sweep over the journals that nobody works on any more: undoes those that
 * are not decided, looks once more at those that are, and removes them.
 *
 * Any number of nodes may sweep at once: the lease is a compare-and-set.
 */
export async function sweep(
  tools: AtomicTools,
  reports: RecoveryReports,
): Promise<void> {
  try {
    const due = await tools.journals.findDue(tools.epoch());
    for (const stored of due) {
      await settleDue(stored, tools, reports);
    }
    reports.pending(await tools.journals.pending());
  } catch (error) {
    if (!isOutOfReach(error)) {
      throw error;
    }
    reports.failed(error);
  }
}

async function settleDue(
  stored: StoredJournal,
  tools: AtomicTools,
  reports: RecoveryReports,
): Promise<void> {
  try {
    if (isFinal(stored.journal)) {
      await lookOnceMore(stored, tools);
    } else {
      reports.settled(await giveUp(stored, tools, newTally()));
    }
  } catch (error) {
    if (!isOutOfReach(error)) {
      throw error;
    }
    reports.failed(error);
  }
}

/**
 * By now the engine can no longer be at work on the bulk. What of a batch that
 * was given up came after all is undone now; then the journal can go.
 */
async function lookOnceMore(
  stored: StoredJournal,
  tools: AtomicTools,
): Promise<void> {
  const claimed = await change(
    stored,
    { owner: tools.nodeId, dueAt: leaseEnd(tools) },
    tools,
  );
  if (claimed === undefined) {
    return;
  }
  const { journal, version } = claimed;
  if (journal.state !== "committed") {
    await undo(journal, tools.journals, tools.engine, newTally());
  }
  await tools.journals.remove(journal.id, version);
}

function isOutOfReach(error: unknown): error is Error {
  return (
    error instanceof EngineError ||
    error instanceof UndoInterrupted ||
    error instanceof OutcomeUnknown
  );
}

/**
 * Sweeps now and from then on, one sweep at a time.
 *
 * @returns stops it
 */
export function startRecovery(
  tools: AtomicTools,
  reports: RecoveryReports,
  intervalMs: number,
): () => void {
  let timer: NodeJS.Timeout;
  let isStopped = false;

  async function sweepAndWait(): Promise<void> {
    await sweep(tools, reports).catch((error: Error) => reports.failed(error));
    if (!isStopped) {
      timer = setTimeout(() => void sweepAndWait(), intervalMs);
      timer.unref();
    }
  }

  void sweepAndWait();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
