import type { BulkDone, BulkItem } from "../ports/DocumentStore";
import type { Failure, OperationName, Source } from "../../types";
import { RawSource, jsonOf } from "../RawSource";
import type {
  BatchCommand,
  DoneWrite,
  WriteDocument,
  WriteStamp,
  Refresh,
} from "../commands";
import {
  mergedMembers,
  withChanges,
  withMember,
  withoutMember,
} from "../validation/jsonObject";

/** One item of a bulk that spans several collections. */
export interface WriteItem extends BulkItem {
  readonly collection: string;
  /**
   * The document is read first, and written only if it has not changed since: the
   * engine can neither replace only existing documents nor return what it deleted.
   */
  readonly readsFirst?: "existence" | "source" | undefined;
}

type Stamped = Pick<BatchCommand, "stamp" | "wantsSource">;

/** What the engine has to do for an operation. */
export function toWriteItem(
  document: WriteDocument,
  command: Stamped,
): WriteItem {
  const { collection, _id, precondition } = document;
  return {
    collection,
    _id,
    precondition,
    operation: engineOperation(document),
    payload: payloadOf(document, command),
    readsFirst: readsFirst(document, command),
  };
}

function engineOperation({
  op,
  ifAbsent,
}: WriteDocument): BulkItem["operation"] {
  switch (op) {
    case "create":
    case "delete":
    case "update":
      return op;
    case "upsert":
      return "update";
    case "createOrReplace":
    case "replace":
      return "index";
    case "write":
      return ifAbsent === true ? "create" : "index";
  }
}

function readsFirst(
  document: WriteDocument,
  command: Stamped,
): WriteItem["readsFirst"] {
  switch (document.op) {
    case "replace":
      // with a condition, the engine itself checks that it exists
      return document.precondition === undefined ? "existence" : undefined;
    case "delete":
      return command.wantsSource(document) ? "source" : undefined;
    default:
      return undefined;
  }
}

function payloadOf(document: WriteDocument, command: Stamped): string {
  switch (document.op) {
    case "create":
    case "createOrReplace":
    case "replace":
      return jsonOf(withInfo(document.body, creationInfo(command.stamp)));
    case "write":
      return jsonOf(document.body);
    case "update":
    case "upsert":
      return updatePayload(document, command);
    case "delete":
      return "";
  }
}

function updatePayload(document: WriteDocument, command: Stamped): string {
  const upsert =
    document.op === "upsert"
      ? `"upsert":${defaultContent(document, command)},`
      : "";
  return `{"doc":${changesOf(document, command)},${upsert}"_source":${command.wantsSource(document)}}`;
}

/** @returns JSON */
function changesOf({ body }: WriteDocument, { stamp }: Stamped): string {
  const { at, userId } = stamp;
  return jsonOf(withInfo(body, { updatedAt: at, updater: userId }));
}

/** @returns JSON: the document that an upsert creates */
function defaultContent(
  { body, defaults = {} }: WriteDocument,
  { stamp }: Stamped,
): string {
  const { at, userId } = stamp;
  const info = { author: userId, createdAt: at };
  return jsonOf(withInfo(merged(body, defaults), info));
}

/**
 * The content of a document after an operation, where it has to be known in advance.
 *
 * @param before the document's JSON text, null if it does not exist
 * @returns JSON text, null if it does not exist afterwards
 */
export function contentAfter(
  document: WriteDocument,
  before: string | null,
  command: Stamped,
): string | null {
  switch (document.op) {
    case "delete":
      return null;
    case "update":
      return withChanges(before ?? "{}", changesOf(document, command));
    case "upsert":
      return before === null
        ? defaultContent(document, command)
        : withChanges(before, changesOf(document, command));
    default:
      return toWriteItem(document, command).payload;
  }
}

function creationInfo({ at, userId }: WriteStamp): Source {
  return { author: userId, createdAt: at, updatedAt: null, updater: null };
}

const INFO = "_kuzzle_info";

/** Replaces any metadata that the caller sent. */
function withInfo(
  content: Source | RawSource,
  info: Source,
): Source | RawSource {
  return content instanceof RawSource
    ? RawSource.ofText(
        withMember(
          withoutMember(content.toString(), INFO),
          INFO,
          JSON.stringify(info),
        ),
      )
    : { ...content, [INFO]: info };
}

/** If both have a field, that of the defaults wins, as in the native action. */
function merged(
  changes: Source | RawSource,
  defaults: Source | RawSource,
): Source | RawSource {
  return changes instanceof RawSource || defaults instanceof RawSource
    ? RawSource.ofText(mergedMembers(jsonOf(changes), jsonOf(defaults)))
    : { ...changes, ...defaults };
}

export function toDoneWrite(
  document: WriteDocument,
  done: BulkDone,
  attempts: number,
  command: Stamped,
): DoneWrite {
  const { op, collection, _id, position } = document;
  const source = sourceOf(document, done, command);
  return {
    op,
    collection,
    _id,
    _version: done._version,
    _seq_no: done._seq_no,
    _primary_term: done._primary_term,
    _shards: done._shards,
    result: done.result,
    status: done.status,
    attempts,
    position,
    ...(source !== undefined && { _source: source }),
  };
}

/** The engine returns the source if it computed it; otherwise it is what was sent. */
function sourceOf(
  document: WriteDocument,
  done: BulkDone,
  command: Stamped,
): Source | RawSource | undefined {
  if (!command.wantsSource(document)) {
    return undefined;
  }
  switch (document.op) {
    case "write":
      return document.body;
    case "create":
    case "createOrReplace":
    case "replace":
      return withInfo(document.body, creationInfo(command.stamp));
    case "update":
    case "upsert":
    case "delete":
      return done._source;
  }
}

/** The status and reason that Kuzzle's own action would give. */
export function nativeFailure(op: OperationName, failure: Failure): Failure {
  switch (failure.code) {
    case "not_found":
      return { ...failure, status: 404, reason: "document not found" };
    case "version_conflict":
      return op === "create"
        ? { ...failure, status: 400, reason: "document already exists" }
        : failure;
    default:
      return failure;
  }
}

/** Where a bulk is sent, and how. */
export interface BulkTarget {
  readonly index: string;
  readonly refresh: Refresh;
  /** how often an item without a condition is retried after a version conflict */
  readonly conflictRetries: number;
  /** see `withoutOwnConflicts`; off where a journal provides more information */
  readonly looksIntoConflicts?: boolean;
  /** names the calls in the engine's task list */
  readonly opaqueId?: string;
  readonly beforeFirstWrite?: (() => Promise<void>) | undefined;
}
