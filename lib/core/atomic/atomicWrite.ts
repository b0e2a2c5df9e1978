import { randomUUID } from "node:crypto";

import type {
  BulkDone,
  BulkItem,
  CollectionDescription,
} from "../ports/DocumentStore";
import type {
  Address,
  Failure,
  Settled,
  WriteCommand,
  WriteDocument,
  WriteError,
  WriteResult,
} from "../../types";
import { bulkWrite } from "../write/bulkWrite";
import { EngineError } from "../ExecutionContext";
import { mergeWrites } from "../write/mergeWrites";
import { findDefects } from "../validation/validateMapping";
import { newTally, type Tally } from "../RequestStats";
import { WRITE } from "../write/write";
import { hashDocument, type PresentDocument } from "./decideRollback";
import { patiently } from "../retry/retryAfterRejection";
import {
  conflict,
  FAILED_OVER,
  fateOf,
  HELD_UP,
  MODIFIED,
  reasonsOf,
  unavailable,
  UNKNOWN,
} from "./reasons";
import type {
  Journal,
  JournalEntry,
  StoredJournal,
} from "../ports/JournalStore";
import {
  commit,
  giveUp,
  leaseEnd,
  OutcomeUnknown,
  withdraw,
  type Settlement,
} from "./journalTransitions";
import type { AtomicTools } from "./AtomicContext";
import { readPresent, UndoInterrupted, type Fates } from "./rollback";

export type { AtomicTools };

/** How an atomic batch ended. */
export type AtomicResult =
  /** some defect was seen beforehand: nothing was sent */
  | { readonly outcome: "refused"; readonly result: WriteResult }
  | {
      readonly outcome: "committed";
      readonly result: WriteResult;
      readonly journalId: string;
    }
  | {
      readonly outcome: "rolled_back" | "rollback_incomplete";
      /** why, of each document */
      readonly result: WriteResult;
      /** the engine was the reason, not a document */
      readonly byEngine: boolean;
      /** how many documents the batch failed for */
      readonly causeCount: number;
      /** how many documents somebody else has changed since */
      readonly foreignCount: number;
      /** undefined when nothing had to be written for the decision */
      readonly journalId: string | undefined;
    }
  | {
      readonly outcome: "unknown";
      readonly result: WriteResult;
      readonly journalId: string;
    };

/** What the batch replaces is too much for a journal: nothing was sent. */
export class JournalTooLarge extends Error {
  constructor(
    readonly bytes: number,
    readonly allowedBytes: number,
  ) {
    super(`${bytes} bytes are replaced, and ${allowedBytes} are allowed`);
  }
}

/**
 * Writes all documents of a batch or none of them, as strongly as the engine
 * allows: there is no isolation, and a foreign write is never overwritten.
 *
 * 1. read the documents as they are, 2. write a journal, 3. send the bulk, each
 * item on condition that its document is still the same, 4. commit by
 * compare-and-set on the journal, or 5. undo.
 *
 * @throws {EngineError} when nothing was sent since the engine can't be asked
 * @throws {JournalTooLarge}
 */
export async function atomicWrite(
  command: WriteCommand,
  tools: AtomicTools,
): Promise<AtomicResult> {
  const { index, collection, documents } = command;
  const batch = new AtomicBatch(command, tools);
  const description = await tools.engine.store.describe(index, collection);
  const defects = [...command.defects, ...findDefects(documents, description)];
  if (defects.length > 0) {
    return { outcome: "refused", result: batch.refuse(defects) };
  }
  const before = await batch.readBefore();
  const broken = batch.brokenConditions(before);
  if (broken.some((failure) => failure !== undefined)) {
    return batch.rolledBack(broken, undefined);
  }
  const stored = await batch.writeJournal(before, description);
  if (tools.epoch() >= stored.journal.dueAt) {
    // held up for so long that another node takes it for abandoned
    return batch.giveUp(stored, batch.unsent());
  }
  const settled = await batch.send(before, stored.journal.id);
  return settled.every(({ ok }) => ok)
    ? batch.commit(stored, settled)
    : batch.giveUp(stored, settled);
}

class AtomicBatch {
  private readonly tally: Tally = newTally();
  private readonly startedAt: number;
  /** taken before anything is read: rivals are told by it */
  private readonly createdAt: number;

  constructor(
    private readonly command: WriteCommand,
    private readonly tools: AtomicTools,
  ) {
    this.startedAt = tools.engine.clock.now();
    this.createdAt = tools.epoch();
  }

  refuse(defects: WriteCommand["defects"]): WriteResult {
    return this.merge([], defects);
  }

  /** @throws {EngineError | JournalTooLarge} */
  async readBefore(): Promise<Array<PresentDocument | null>> {
    const { engine, maxJournalBytes } = this.tools;
    const { index, collection, documents } = this.command;
    const addresses: Address[] = documents.map(({ _id }) => ({
      collection,
      _id,
    }));
    let before: Array<PresentDocument | null>;
    try {
      before = await readPresent(index, addresses, engine, this.tally);
    } catch (error) {
      throw error instanceof UndoInterrupted
        ? new EngineError(unavailable(error.message), false)
        : error;
    }
    let bytes = 0;
    for (const document of before) {
      bytes += Buffer.byteLength(document?.sourceText ?? "");
    }
    if (bytes > maxJournalBytes) {
      throw new JournalTooLarge(bytes, maxJournalBytes);
    }
    return before;
  }

  /** Conditions that are broken already: by document, why. */
  brokenConditions(
    before: ReadonlyArray<PresentDocument | null>,
  ): Array<Failure | undefined> {
    return this.command.documents.map(({ ifAbsent, precondition }, i) => {
      const now = before[i] as PresentDocument | null;
      if (ifAbsent === true && now !== null) {
        return conflict("The document exists already.");
      }
      const holds =
        precondition === undefined ||
        (now?.seqNo === precondition.ifSeqNo &&
          now.primaryTerm === precondition.ifPrimaryTerm);
      return holds
        ? undefined
        : conflict("The document is not, or no longer, the one expected.");
    });
  }

  /** @throws {EngineError} and nothing has been sent */
  async writeJournal(
    before: ReadonlyArray<PresentDocument | null>,
    description: CollectionDescription,
  ): Promise<StoredJournal> {
    const { index, collection, documents } = this.command;
    const { engine, journals, nodeId, epoch } = this.tools;
    const journal: Journal = {
      id: randomUUID(),
      state: "pending",
      index,
      collection,
      owner: nodeId,
      createdAt: this.createdAt,
      journaledAt: epoch(),
      decidedAt: null,
      dueAt: leaseEnd(this.tools),
      entries: documents.map((document, i): JournalEntry => {
        const { _id, payload } = WRITE.toItem(document, this.command);
        const found = before[i] as PresentDocument | null;
        return {
          _id,
          intendedHash: hashDocument(_id, payload),
          before: found,
          beforeHash: found && hashDocument(_id, found.sourceText),
          ...(storesBytesAsSent(description) && {
            versionBefore: found?.version ?? 0,
          }),
        };
      }),
      foreign: [],
      recheck: [],
    };
    try {
      const version = await patiently(engine, () => journals.create(journal));
      return { journal, version };
    } catch (error) {
      if (
        error instanceof EngineError &&
        error.failure.code === "unknown_outcome"
      ) {
        await withdraw(journal, this.tools);
      }
      throw error;
    }
  }

  /** Of documents that are not sent at all. */
  unsent(): Settled<BulkDone>[] {
    return this.command.documents.map(() => ({
      ok: false,
      failure: HELD_UP,
      attempts: 0,
    }));
  }

  send(
    before: ReadonlyArray<PresentDocument | null>,
    journalId: string,
  ): Promise<Settled<BulkDone>[]> {
    const { index, collection, refresh, documents } = this.command;
    const items = documents.map((document, i): BulkItem => {
      const now = before[i] as PresentDocument | null;
      const { _id, payload } = WRITE.toItem(document, this.command);
      return now === null
        ? { operation: "create", _id, payload }
        : {
            operation: "index",
            _id,
            payload,
            precondition: {
              ifSeqNo: now.seqNo,
              ifPrimaryTerm: now.primaryTerm,
            },
          };
    });
    return bulkWrite(
      items,
      { index, collection, refresh, conflictRetries: 0, opaqueId: journalId },
      this.tools.engine,
      this.tally,
    );
  }

  async commit(
    stored: StoredJournal,
    settled: readonly Settled<BulkDone>[],
  ): Promise<AtomicResult> {
    const { id } = stored.journal;
    const fates = this.fatesOf(settled);
    try {
      const ended = await commit(stored, fates, this.tools, this.tally);
      return ended.journal.state === "committed"
        ? {
            outcome: "committed",
            result: this.merge(settled),
            journalId: id,
          }
        : this.undone(settled, ended);
    } catch (error) {
      return this.unknown(error, settled, id);
    }
  }

  async giveUp(
    stored: StoredJournal,
    settled: readonly Settled<BulkDone>[],
  ): Promise<AtomicResult> {
    const fates = this.fatesOf(settled);
    try {
      const ended = await giveUp(stored, fates, this.tools, this.tally);
      return this.undone(settled, ended);
    } catch (error) {
      return this.unknown(error, settled, stored.journal.id);
    }
  }

  private fatesOf(settled: readonly Settled<BulkDone>[]): Fates {
    return new Map(
      this.command.documents.flatMap(({ _id }, i) => {
        const fate = fateOf(settled[i] as Settled<BulkDone>);
        return fate === undefined ? [] : [[_id, fate] as const];
      }),
    );
  }

  /** Nothing of the batch is left, but for what others have changed since. */
  private undone(
    settled: readonly Settled<BulkDone>[],
    { journal: { id, foreign }, restored }: Settlement,
  ): AtomicResult {
    const isForeign = new Set(foreign);
    const isRestored = new Set(restored);
    const causes = this.command.documents.map(({ _id }, i) => {
      const outcome = settled[i] as Settled<BulkDone>;
      if (isForeign.has(_id)) {
        return MODIFIED;
      }
      if (outcome.ok) {
        return undefined;
      }
      const { failure } = outcome;
      return failure.code === "version_conflict" && isRestored.has(_id)
        ? FAILED_OVER
        : failure;
    });
    return this.rolledBack(causes, id);
  }

  /** @param causes by document, where it has one of its own */
  rolledBack(
    causes: ReadonlyArray<Failure | undefined>,
    journalId: string | undefined,
  ): AtomicResult {
    const { failures, causeCount, byEngine } = reasonsOf(causes);
    const foreignCount = causes.filter((cause) => cause === MODIFIED).length;
    return {
      outcome: foreignCount > 0 ? "rollback_incomplete" : "rolled_back",
      result: this.failed(failures),
      foreignCount,
      causeCount,
      byEngine,
      journalId,
    };
  }

  private unknown(
    error: unknown,
    settled: readonly Settled<BulkDone>[],
    journalId: string,
  ): AtomicResult {
    if (!(
      error instanceof OutcomeUnknown || error instanceof UndoInterrupted
    )) {
      throw error;
    }
    const result = this.failed(
      settled.map((each) =>
        each.ok || fateOf(each) !== "unwritten" ? UNKNOWN : each.failure,
      ),
    );
    return { outcome: "unknown", result, journalId };
  }

  /** A result in which nothing was written. */
  private failed(failures: readonly Failure[]): WriteResult {
    const result = this.merge([], []);
    const errors = this.command.documents.map(
      ({ _id, body, position }: WriteDocument, i): WriteError => ({
        document: { _id, body },
        position,
        ...(failures[i] as Failure),
      }),
    );
    return {
      ...result,
      errors,
      stats: { ...result.stats, errors: errors.length },
    };
  }

  private merge(
    settled: readonly Settled<BulkDone>[],
    defects: WriteCommand["defects"] = [],
  ): WriteResult {
    const { command, tally } = this;
    const refused = settled.length === 0 && command.requested > 0;
    return mergeWrites(
      {
        command,
        documents: refused ? [] : command.documents,
        defects,
        refused,
        settled,
        tally,
      },
      WRITE,
      this.tools.engine.clock.now() - this.startedAt,
    );
  }
}

/** Whether the engine stores a document as the very bytes that it was sent. */
function storesBytesAsSent(description: CollectionDescription): boolean {
  return !description.hasPipeline && description.mappings._source === undefined;
}
