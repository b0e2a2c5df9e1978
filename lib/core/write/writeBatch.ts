import type { BulkItem } from "../ports/DocumentStore";
import type { WriteCommand, WriteDocument, WriteResult } from "../commands";
import { bulkWrite } from "./bulkWrite";
import type { ExecutionContext } from "../ExecutionContext";
import { mergeWrites, type MergeKind } from "./mergeWrites";
import { validateWrite } from "../validation/validateWrite";
import { newRequestStats } from "../RequestStats";

/** What differs between creating or replacing documents and updating them. */
export interface BatchKind<
  Command extends WriteCommand,
  Success,
> extends MergeKind<Success> {
  /** how often a version conflict of one document is tried again */
  conflictRetries(command: Command): number;
  toItem(document: WriteDocument, command: Command): BulkItem;
}

/**
 * Check, send, merge: the way of every batch that changes documents.
 *
 * A strict batch with a defect that can be seen beforehand is refused whole.
 *
 * @throws {EngineError} when a strict batch can't be checked, since the engine
 * does not tell the collection's mapping
 */
export async function writeBatch<Command extends WriteCommand, Success>(
  command: Command,
  kind: BatchKind<Command, Success>,
  execution: ExecutionContext,
): Promise<WriteResult<Success>> {
  const startedAt = execution.clock.now();
  const requestStats = newRequestStats();
  const { index, collection } = command;
  const validationErrors = command.strict
    ? validateWrite(command, await execution.store.describe(index, collection))
    : command.validationErrors;
  const nothingSent = command.strict && validationErrors.length > 0;
  const documents = nothingSent ? [] : command.documents;

  const results = await bulkWrite(
    documents.map((document) => kind.toItem(document, command)),
    {
      index,
      collection,
      refresh: command.refresh,
      conflictRetries: kind.conflictRetries(command),
      looksIntoConflicts: true,
    },
    execution,
    requestStats,
  );

  return mergeWrites(
    {
      command,
      documents,
      validationErrors,
      nothingSent,
      results,
      requestStats,
    },
    kind,
    execution.clock.now() - startedAt,
  );
}
