/** Finds out what pipes did to the documents that they were given. */
import type { KuzzleRequest } from "kuzzle";

import type { OperationName, Source, WriteError } from "../../types";
import { RawSource } from "../../core/RawSource";
import type {
  AskedWrite,
  DoneWrite,
  ValidationError,
  WriteDocument,
  WriteResult,
} from "../../core/commands";
import { REMOVED_BY_PIPE } from "../../core/outcome";
import { isObject } from "../../core/validation/items";
import { inputOf } from "../../core/validation/writeInput";
import { contentAfter } from "./contentAfter";
import { contentName, type NativeDocument } from "./nativeShapes";
import { idsOf, pipeError } from "./readHooks";

/** Documents that would form one native request. */
export interface GroupedDocuments {
  readonly op: OperationName;
  readonly documents: readonly WriteDocument[];
}

/** For a delete, native requests and results have ids instead of documents. */
export function listOf(op: OperationName, list: unknown): unknown {
  return op === "delete" && Array.isArray(list)
    ? list.map((_id: unknown) => ({ _id }))
    : list;
}

/** The result of the generic pipes is the body that the other pipes see. */
export function bodyAfterGeneric(
  { op, documents }: GroupedDocuments,
  piped: unknown,
  event: string,
): object {
  const ids = idsOf(piped, event);
  const name = contentName(op);
  if (name === undefined) {
    return { ids };
  }
  const kept = new Map(
    Array.from(matchById(documents, piped, event, false), ([known, match]) => [
      match,
      known,
    ]),
  );
  return {
    documents: (piped as NativeDocument[]).map((each) => {
      const { _id, _source } = each;
      const defaults = kept.get(each)?.defaults;
      return { _id, [name]: _source, ...(defaults && { default: defaults }) };
    }),
  };
}

/** Applies what the pipes before a write made of the documents. */
export function takeOver(
  group: GroupedDocuments,
  { input: { body } }: KuzzleRequest,
  event: string,
): {
  documents: WriteDocument[];
  removed: ValidationError<AskedWrite>[];
} {
  const { op } = group;
  const piped: unknown =
    op === "delete" ? listOf(op, body?.ids) : body?.documents;
  const kept = matchById(group.documents, piped, event);
  const documents: WriteDocument[] = [];
  const removed: ValidationError<AskedWrite>[] = [];

  for (const document of group.documents) {
    const match = kept.get(document);
    if (match === undefined) {
      const { position } = document;
      removed.push({
        position,
        asked: inputOf(document),
        failure: REMOVED_BY_PIPE,
      });
    } else {
      documents.push(documentAfter(document, match, event));
    }
  }
  return { documents, removed };
}

function documentAfter(
  document: WriteDocument,
  piped: NativeDocument,
  event: string,
): WriteDocument {
  const name = contentName(document.op);
  if (name === undefined) {
    return document;
  }
  const { [name]: content, default: defaults } = piped;
  if (!isContent(content)) {
    const id = JSON.stringify(document._id);
    throw pipeError(event, `left ${id} without a body`);
  }
  return {
    ...document,
    body: contentAfter(document.body, content),
    ...(document.op === "upsert" &&
      isContent(defaults) && {
        defaults: contentAfter(document.defaults, defaults),
      }),
  };
}

function isContent(value: unknown): value is Source | RawSource {
  return value instanceof RawSource || isObject(value);
}

/** Applies what the pipes after a write made of a result. */
export function showOnly(
  { documents }: GroupedDocuments,
  result: WriteResult,
  own: readonly DoneWrite[],
  shown: unknown,
  event: string,
): WriteResult {
  const asked = new Map(documents.map((each) => [each.position, each]));
  const kept = matchById(own, shown, event);
  const isOwn = new Set(own);
  const successes: DoneWrite[] = [];
  const removed: WriteError[] = [];

  for (const success of result.successes) {
    const match = kept.get(success);
    if (!isOwn.has(success)) {
      successes.push(success);
    } else if (match === undefined) {
      const { position } = success;
      const input = inputOf(asked.get(position) as WriteDocument);
      removed.push({ ...input, position, ...REMOVED_BY_PIPE });
    } else {
      const { _source } = match as { _source?: Source };
      successes.push({
        ...success,
        ...(_source && { _source: contentAfter(success._source, _source) }),
      });
    }
  }
  if (removed.length === 0) {
    return { ...result, successes };
  }
  const errors = [...result.errors, ...removed];
  errors.sort((a, b) => a.position - b.position);
  return {
    ...result,
    completeness: "incomplete",
    successes,
    errors,
    stats: { ...result.stats, errors: errors.length },
  };
}

/**
 * Finds the documents that a pipe let through, and their new contents. If an id
 * repeats, documents with it are matched in order.
 *
 * @param mustBeKnown false while later pipes may still change the list
 * @throws when a pipe added or renamed a document, naming it
 */
function matchById<Known extends { readonly _id: string }>(
  known: readonly Known[],
  piped: unknown,
  event: string,
  mustBeKnown = true,
): Map<Known, NativeDocument> {
  const waiting = new Map<unknown, Known[]>();
  for (const document of known) {
    const sameId = waiting.get(document._id) ?? [];
    sameId.push(document);
    waiting.set(document._id, sameId);
  }
  const matches = new Map<Known, NativeDocument>();
  idsOf(piped, event).forEach((id, i) => {
    const document = waiting.get(id)?.shift();
    if (document !== undefined) {
      matches.set(document, (piped as NativeDocument[])[i]!);
    } else if (mustBeKnown) {
      throw pipeError(event, `added or renamed ${JSON.stringify(id)}`);
    }
  });
  return matches;
}
