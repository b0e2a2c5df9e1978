import type { BulkDone, BulkItem } from "../ports/DocumentStore";
import { jsonOf } from "../RawSource";
import type { WriteCommand, WriteDocument, WriteResult } from "../commands";
import type { WrittenDocument } from "../documents";
import type { ExecutionContext } from "../ExecutionContext";
import { writeBatch, type BatchKind } from "./writeBatch";

export const WRITE: BatchKind<WriteCommand, WrittenDocument> = {
  counter: "written",
  conflictRetries: () => 0,
  toItem,
  toSuccess,
};

/**
 * Creates or replaces documents of one collection, as they are: no metadata is
 * added and nothing is validated beyond what the engine does.
 *
 * @throws {EngineError} see `writeBatch`
 */
export function write(
  command: WriteCommand,
  execution: ExecutionContext,
): Promise<WriteResult> {
  return writeBatch(command, WRITE, execution);
}

function toItem(document: WriteDocument): BulkItem {
  return {
    operation: document.ifAbsent === true ? "create" : "index",
    _id: document._id,
    payload: jsonOf(document.body),
    ...(document.precondition && { precondition: document.precondition }),
  };
}

function toSuccess(
  { _id, body, position }: WriteDocument,
  done: BulkDone,
): WrittenDocument {
  return {
    _id,
    _source: body,
    _version: done._version,
    _seq_no: done._seq_no,
    _primary_term: done._primary_term,
    created: done.result === "created",
    position,
  };
}
