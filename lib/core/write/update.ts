import type { BulkDone, BulkItem } from "../ports/DocumentStore";
import type { Source } from "../../types";
import { RawSource } from "../RawSource";
import type { UpdateCommand, WriteDocument, WriteResult } from "../commands";
import type { UpdatedDocument } from "../documents";
import type { ExecutionContext } from "../ExecutionContext";
import { withMember, withoutMember } from "../validation/jsonObject";
import { writeBatch, type BatchKind } from "./writeBatch";

const UPDATE: BatchKind<UpdateCommand, UpdatedDocument> = {
  counter: "updated",
  conflictRetries: (command) => command.retryOnConflict,
  toItem,
  toSuccess,
};

/**
 * Applies partial updates to documents of one collection, and tells of each
 * what the engine did and how often it had to be asked.
 *
 * @throws {EngineError} see `writeBatch`
 */
export function update(
  command: UpdateCommand,
  execution: ExecutionContext,
): Promise<WriteResult<UpdatedDocument>> {
  return writeBatch(command, UPDATE, execution);
}

function toItem(
  { _id, body, precondition }: WriteDocument,
  { metadata, fetchSource }: UpdateCommand,
): BulkItem {
  return {
    operation: "update",
    _id,
    payload: `{"doc":${withMetadata(body, metadata)},"_source":${fetchSource}}`,
    ...(precondition && { precondition }),
  };
}

const METADATA = "_kuzzle_info";

/** @returns JSON; what the caller has sent as metadata is not in it */
function withMetadata(body: Source | RawSource, metadata: Source): string {
  return body instanceof RawSource
    ? withMember(
        withoutMember(body.toString(), METADATA),
        METADATA,
        JSON.stringify(metadata),
      )
    : JSON.stringify({ ...body, [METADATA]: metadata });
}

function toSuccess(
  { _id, position }: WriteDocument,
  done: BulkDone,
  attempts: number,
): UpdatedDocument {
  return {
    _id,
    _version: done._version,
    _seq_no: done._seq_no,
    _primary_term: done._primary_term,
    _shards: done._shards,
    result: done.result,
    status: done.status,
    attempts,
    position,
    ...(done._source && { _source: done._source }),
  };
}
