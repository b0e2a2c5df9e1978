import { randomUUID } from "node:crypto";

import type {
  BulkDone,
  BulkItem,
  CollectionDescription,
} from "../ports/DocumentStore";
import {
  inputOf,
  type Address,
  type Failure,
  type ItemResult,
  type WriteCommand,
  type WriteError,
  type WriteResult,
} from "../../types";
import { bulkWrite } from "../write/bulkWrite";
import { EngineError } from "../ExecutionContext";
import { mergeWrites } from "../write/mergeWrites";
import { validateWrite } from "../validation/validateWrite";
import { newRequestStats, type RequestStats } from "../RequestStats";
import { WRITE } from "../write/write";
import { hashDocument, type PresentDocument } from "./decideRollback";
import { retryAfterRejection } from "../retry/retryAfterRejection";
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
import { pinnedTo, type AtomicContext } from "./AtomicContext";
import { readPresent, UndoInterrupted, type Fates } from "./rollback";

export type { AtomicContext as AtomicTools };

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
  tools: AtomicContext,
): Promise<AtomicResult> {
  const { index, collection } = command;
  const description = await tools.execution.store.pin(index, collection);
  const batch = new AtomicBatch(command, pinnedTo(description.uuid, tools));
  const validationErrors = validateWrite(command, description);
  if (validationErrors.length > 0) {
    return { outcome: "refused", result: batch.refuse(validationErrors) };
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
  const results = await batch.send(before, stored.journal.id);
  return results.every(({ ok }) => ok)
    ? batch.commit(stored, results)
    : batch.giveUp(stored, results);
}

class AtomicBatch {
  private readonly requestStats: RequestStats = newRequestStats();
  private readonly startedAt: number;
  /** taken before anything is read: rivals are told by it */
  private readonly createdAt: number;

  constructor(
    private readonly command: WriteCommand,
    private readonly tools: AtomicContext,
  ) {
    this.startedAt = tools.execution.clock.now();
    this.createdAt = tools.epoch();
  }

  refuse(validationErrors: WriteCommand["validationErrors"]): WriteResult {
    return this.merge([], validationErrors);
  }

  /** @throws {EngineError | JournalTooLarge} */
  async readBefore(): Promise<Array<PresentDocument | null>> {
    const { execution, maxJournalBytes } = this.tools;
    const { index, collection, documents } = this.command;
    const addresses: Address[] = documents.map(({ _id }) => ({
      collection,
      _id,
    }));
    let before: Array<PresentDocument | null>;
    try {
      before = await readPresent(
        index,
        addresses,
        execution,
        this.requestStats,
      );
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
    const { execution, journals, nodeId, epoch } = this.tools;
    const journal: Journal = {
      id: randomUUID(),
      state: "pending",
      index,
      collection,
      uuid: description.uuid,
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
      const version = await retryAfterRejection(execution, () =>
        journals.create(journal),
      );
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
  unsent(): ItemResult<BulkDone>[] {
    return this.command.documents.map(() => ({
      ok: false,
      failure: HELD_UP,
      attempts: 0,
    }));
  }

  send(
    before: ReadonlyArray<PresentDocument | null>,
    journalId: string,
  ): Promise<ItemResult<BulkDone>[]> {
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
      this.tools.execution,
      this.requestStats,
    );
  }

  async commit(
    stored: StoredJournal,
    results: readonly ItemResult<BulkDone>[],
  ): Promise<AtomicResult> {
    const { id } = stored.journal;
    const fates = this.fatesOf(results);
    try {
      const ended = await commit(stored, fates, this.tools, this.requestStats);
      return ended.journal.state === "committed"
        ? {
            outcome: "committed",
            result: this.merge(results),
            journalId: id,
          }
        : this.undone(results, ended);
    } catch (error) {
      return this.unknown(error, results, id);
    }
  }

  async giveUp(
    stored: StoredJournal,
    results: readonly ItemResult<BulkDone>[],
  ): Promise<AtomicResult> {
    const fates = this.fatesOf(results);
    try {
      const ended = await giveUp(stored, fates, this.tools, this.requestStats);
      return this.undone(results, ended);
    } catch (error) {
      return this.unknown(error, results, stored.journal.id);
    }
  }

  private fatesOf(results: readonly ItemResult<BulkDone>[]): Fates {
    return new Map(
      this.command.documents.flatMap(({ _id }, i) => {
        const fate = fateOf(results[i] as ItemResult<BulkDone>);
        return fate === undefined ? [] : [[_id, fate] as const];
      }),
    );
  }

  /** Nothing of the batch is left, but for what others have changed since. */
  private undone(
    results: readonly ItemResult<BulkDone>[],
    { journal: { id, foreign }, restored }: Settlement,
  ): AtomicResult {
    const isForeign = new Set(foreign);
    const isRestored = new Set(restored);
    const causes = this.command.documents.map(({ _id }, i) => {
      const outcome = results[i] as ItemResult<BulkDone>;
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
    results: readonly ItemResult<BulkDone>[],
    journalId: string,
  ): AtomicResult {
    if (!(
      error instanceof OutcomeUnknown || error instanceof UndoInterrupted
    )) {
      throw error;
    }
    const result = this.failed(
      results.map((each) =>
        each.ok || fateOf(each) !== "unwritten" ? UNKNOWN : each.failure,
      ),
    );
    return { outcome: "unknown", result, journalId };
  }

  /** A result in which nothing was written. */
  private failed(failures: readonly Failure[]): WriteResult {
    const result = this.merge([], []);
    const errors = this.command.documents.map((document, i): WriteError => ({
      document: inputOf(document),
      position: document.position,
      ...(failures[i] as Failure),
    }));
    return {
      ...result,
      errors,
      stats: { ...result.stats, errors: errors.length },
    };
  }

  private merge(
    results: readonly ItemResult<BulkDone>[],
    validationErrors: WriteCommand["validationErrors"] = [],
  ): WriteResult {
    const { command, requestStats } = this;
    const nothingSent = results.length === 0 && command.requested > 0;
    return mergeWrites(
      {
        command,
        documents: nothingSent ? [] : command.documents,
        validationErrors,
        nothingSent,
        results,
        requestStats,
      },
      WRITE,
      this.tools.execution.clock.now() - this.startedAt,
    );
  }
}

/** Whether the engine stores a document as the very bytes that it was sent. */
function storesBytesAsSent(description: CollectionDescription): boolean {
  return !description.hasPipeline && description.mappings._source === undefined;
}
