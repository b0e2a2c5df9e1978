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

/** One item of a bulk over several collections. */
export interface WriteItem extends BulkItem {
  readonly collection: string;
  /**
   * The document is read first, and is written only as long as it is as it was read:
   * the engine can't replace only what is there, nor tell what it has deleted.
   */
  readonly readsFirst?: "existence" | "source" | undefined;
}

type Stamped = Pick<BatchCommand, "stamp" | "wantsSource">;

/** What the engine is to do for an operation. */
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
      // with a condition, the engine itself finds out whether it is there
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

/** @returns JSON: what an upsert makes of a document that is not there */
function defaultContent(
  { body, defaults = {} }: WriteDocument,
  { stamp }: Stamped,
): string {
  const { at, userId } = stamp;
  const info = { author: userId, createdAt: at };
  return jsonOf(withInfo(merged(body, defaults), info));
}

/**
 * What an operation makes of a document, where that has to be known before.
 *
 * @param before the document's JSON text, null where there is none
 * @returns JSON text, null where there is none afterwards
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

/** What the caller has sent as metadata is not in it. */
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

/** Where both have a field, that of the defaults counts, as natively. */
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

/** The engine tells it of what it has made itself; the rest is what was sent. */
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

/** The status and the words that Kuzzle's own action has for it. */
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

/** Where a bulk goes, and how. */
export interface BulkTarget {
  readonly index: string;
  readonly refresh: Refresh;
  /** how often a version conflict of an item without a condition is tried again */
  readonly conflictRetries: number;
  /** see `withoutOwnConflicts`; not where a journal tells more */
  readonly looksIntoConflicts?: boolean;
  /** names the calls in the engine's list of tasks */
  readonly opaqueId?: string;
  readonly beforeFirstWrite?: (() => Promise<void>) | undefined;
}
