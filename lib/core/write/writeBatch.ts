import type { BulkItem } from "../ports/DocumentStore";
import type { WriteCommand, WriteDocument, WriteResult } from "../../types";
import { bulkWrite } from "./bulkWrite";
import type { Engine } from "../ExecutionContext";
import { mergeWrites, type MergeKind } from "./mergeWrites";
import { mappingDefects } from "../validation/validateMapping";
import { newTally } from "../RequestStats";

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
  engine: Engine,
): Promise<WriteResult<Success>> {
  const startedAt = engine.clock.now();
  const tally = newTally();
  const defects = command.strict
    ? [...command.defects, ...(await mappingDefects(command, engine.store))]
    : command.defects;
  const refused = command.strict && defects.length > 0;
  const documents = refused ? [] : command.documents;

  const settled = await bulkWrite(
    documents.map((document) => kind.toItem(document, command)),
    {
      index: command.index,
      collection: command.collection,
      refresh: command.refresh,
      conflictRetries: kind.conflictRetries(command),
      looksIntoConflicts: true,
    },
    engine,
    tally,
  );

  return mergeWrites(
    { command, documents, defects, refused, settled, tally },
    kind,
    engine.clock.now() - startedAt,
  );
}
