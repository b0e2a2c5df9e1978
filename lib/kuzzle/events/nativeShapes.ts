import type { OperationName, Source } from "../../types";
import { parsedContent, sourceOf } from "../../core/RawSource";
import type { AskedWrite, DoneWrite, WriteDocument } from "../../core/commands";

/** A document as it stands in the body of a native request. */
export type NativeDocument = Readonly<Record<string, unknown>>;

/**
 * The name of a document's content in a native request; none if the request has only
 * ids.
 */
export function contentName(op: OperationName): "body" | "changes" | undefined {
  switch (op) {
    case "delete":
      return undefined;
    case "upsert":
      return "changes";
    default:
      return "body";
  }
}

/** @param isSeen somebody reads it, so contents are parsed */
export function nativeBody(
  op: OperationName,
  documents: readonly WriteDocument[],
  isSeen: boolean,
): { documents: NativeDocument[] } | { ids: string[] } {
  const name = contentName(op);
  if (name === undefined) {
    return { ids: documents.map(({ _id }) => _id) };
  }
  return {
    documents: documents.map(({ _id, body, defaults }) => ({
      _id,
      [name]: isSeen ? parsedContent(body) : body,
      ...(defaults && { default: isSeen ? parsedContent(defaults) : defaults }),
    })),
  };
}

/** What the pipes on `generic:document:before*` receive. */
export function genericBefore(
  op: OperationName,
  documents: readonly WriteDocument[],
): Array<{ _id: string; _source?: Source }> {
  return documents.map(({ _id, body }) =>
    op === "delete" ? { _id } : { _id, _source: parsedContent(body) },
  );
}

/**
 * What pipes see of a document that was written.
 *
 * @param updatedFields the paths that the update was to change
 */
export function nativeSuccess(
  done: DoneWrite,
  updatedFields: () => readonly string[],
): { readonly _id: string } & NativeDocument {
  const { op, _id, _version, status, result } = done;
  const _source = sourceOf(done);
  const created = result === "created";
  switch (op) {
    case "delete":
      return { _id };
    case "write":
      return { _id, _source, _version };
    case "update":
      return {
        _id,
        _source,
        _version,
        status,
        _updatedFields: updatedFields(),
      };
    case "upsert":
      return {
        _id,
        _source,
        _version,
        created,
        status,
        ...(!created && { _updatedFields: updatedFields() }),
      };
    default:
      return { _id, _source, _version, created, result, status };
  }
}

/** What pipes see of a document that was not written. */
export function nativeError({
  op,
  document,
  status,
  reason,
}: AskedWrite & { readonly status: number; readonly reason: string }): object {
  return op === "delete"
    ? { _id: document._id, reason, status }
    : { document, reason, status };
}

/** The document that subscribers receive, or that is matched against their filters. */
export function noticeOf(
  done: DoneWrite,
  updatedFields: () => readonly string[],
): object {
  const { op, _id, _version, status, result } = done;
  const _source = sourceOf(done);
  switch (op) {
    case "delete":
      return { _id, _source };
    case "write":
      return {
        ...{ _id, _source, _version },
        ...{ created: result === "created", result, status },
      };
    default:
      return nativeSuccess(done, updatedFields);
  }
}
