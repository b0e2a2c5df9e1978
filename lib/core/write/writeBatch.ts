import { assertSent } from "../dispatch/notSent";
import type { BatchCommand, WriteResult } from "../commands";
import { bulkWrite } from "./bulkWrite";
import type { ExecutionContext } from "../ExecutionContext";
import { mergeWrites } from "./mergeWrites";
import { validateWrite } from "../validation/validateWrite";
import { newRequestStats } from "../RequestStats";
import { giveTurn, needsTurns } from "../turns";
import { toWriteItem } from "./writeItems";

/**
 * Validates, sends, and merges: the steps of every batch that changes documents.
 *
 * A strict batch with validation errors is rejected as a whole.
 *
 * @throws {EngineError} when a strict batch can't be validated because the engine does
 * not return a collection's mapping
 */
export async function writeBatch(
  command: BatchCommand,
  execution: ExecutionContext,
): Promise<WriteResult> {
  const startedAt = execution.clock.now();
  const requestStats = newRequestStats();
  const { validationErrors } = command.strict
    ? await validateWrite(command, (collection) =>
        execution.store.describe(command.index, collection),
      )
    : command;
  const nothingSent = command.strict && validationErrors.length > 0;
  const documents = nothingSent ? [] : command.documents;

  const items = documents.map((document) => toWriteItem(document, command));
  if (needsTurns(items.length)) await giveTurn();
  const results = await bulkWrite(
    items,
    {
      index: command.index,
      refresh: command.refresh,
      conflictRetries: command.retryOnConflict,
      looksIntoConflicts: true,
      beforeFirstWrite: command.beforeFirstWrite,
    },
    execution,
    requestStats,
  );
  assertSent(results);
  if (needsTurns(items.length)) await giveTurn();

  return mergeWrites(
    {
      command,
      documents,
      validationErrors,
      nothingSent,
      results,
      requestStats,
    },
    execution.clock.now() - startedAt,
  );
}
