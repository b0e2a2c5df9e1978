import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { OperationName, Source, WriteError } from "../../types";
import { RawSource } from "../../core/RawSource";
import type {
  AskedWrite,
  DoneWrite,
  ValidationError,
  WriteCommand,
  WriteDocument,
  WriteResult,
} from "../../core/commands";
import { inputOf } from "../../core/validation/writeInput";
import { groupBy } from "../../core/groupBy";
import { REMOVED_BY_PIPE } from "../../core/outcome";
import { isObject } from "../../core/validation/items";
import { contentAfter } from "./contentAfter";
import { idsOf, pipeError } from "./readHooks";
import type { KuzzleServices } from "../KuzzleServices";
import { newNativeRequest } from "../nativeRequest";
import {
  contentName,
  genericBefore,
  nativeBody,
  nativeError,
  nativeSuccess,
  type NativeDocument,
} from "./nativeShapes";
import { NATIVE_WRITES } from "./nativeWrites";
import { updatedFieldsIn } from "./updatedFields";

/** Operations that one native request would have had: of one kind, on one collection. */
export interface WriteKind {
  readonly op: OperationName;
  readonly collection: string;
}

/** No name of an operation has a blank in it. */
export function kindName({ op, collection }: WriteKind): string {
  return `${op} ${collection}`;
}

/** The operations of one kind, as the hooks before them have left them. */
export interface WriteGroup extends WriteKind {
  readonly index: string;
  readonly documents: readonly WriteDocument[];
  /**
   * The request that the hooks have seen, for those after it to see it again. It is
   * large, and is not made where nobody listens.
   */
  readonly nativeRequest: () => KuzzleRequest;
}

/** A command that has passed the hooks before it. */
export interface PreparedWrite<Command> {
  readonly command: Command;
  readonly groups: readonly WriteGroup[];
}

/**
 * Runs the events of Kuzzle's own actions around a batch: those of each kind of
 * operation for each collection, in the order in which these first come.
 */
export class WriteHooks {
  constructor(private readonly kuzzle: KuzzleServices) {}

  /** Somebody wants to see the documents after they are written. */
  seesResults(op: OperationName): boolean {
    const { after, genericAfter } = NATIVE_WRITES[op];
    return this.isHeard(after) || this.isHeard(genericAfter);
  }

  /**
   * Pipes see documents parsed. One that was sent as text, and that they have left
   * as it is, stays the text.
   *
   * @returns the command as the pipes left it: bodies may be changed, and a
   * document that was removed is a validation error
   */
  async before<Command extends WriteCommand>(
    request: KuzzleRequest,
    command: Command,
    kinds: readonly WriteKind[],
  ): Promise<PreparedWrite<Command>> {
    const groups: WriteGroup[] = [];
    const removed: ValidationError<AskedWrite>[] = [];
    const byKind = groupBy(command.documents, kindName);
    for (const kind of kinds) {
      const documents = byKind.get(kindName(kind)) ?? [];
      const group = this.newGroup(request, command.index, kind, documents);
      const hooked = this.isHeardBefore(kind.op)
        ? await this.runBefore(group)
        : { group, removed: [] };
      groups.push(hooked.group);
      removed.push(...hooked.removed);
    }
    if (groups.every(({ op }) => !this.isHeardBefore(op))) {
      return { command, groups };
    }
    const documents = groups.flatMap((group) => group.documents);
    return {
      command: {
        ...command,
        documents: documents.sort((a, b) => a.position - b.position),
        validationErrors: [...command.validationErrors, ...removed],
      },
      groups,
    };
  }

  /** @returns the result as the pipes left it */
  async after(
    groups: readonly WriteGroup[],
    result: WriteResult,
  ): Promise<WriteResult> {
    let shown = result;
    for (const group of groups) {
      if (this.seesResults(group.op)) {
        shown = await this.runAfter(group, shown);
      }
    }
    return shown;
  }

  private newGroup(
    request: KuzzleRequest,
    index: string,
    { op, collection }: WriteKind,
    documents: readonly WriteDocument[],
  ): WriteGroup {
    const isSeen = this.isHeardBefore(op) || this.seesResults(op);
    return {
      op,
      collection,
      index,
      documents,
      nativeRequest: _.once(() =>
        newNativeRequest(
          request,
          NATIVE_WRITES[op],
          collection,
          nativeBody(op, documents, isSeen),
        ),
      ),
    };
  }

  private async runBefore(group: WriteGroup): Promise<{
    group: WriteGroup;
    removed: ValidationError<AskedWrite>[];
  }> {
    const { op, documents } = group;
    const { before, genericBefore: generic } = NATIVE_WRITES[op];
    const nativeRequest = group.nativeRequest();
    if (generic !== undefined) {
      const piped = await this.kuzzle.pipe(
        generic,
        genericBefore(op, documents),
        nativeRequest,
      );
      nativeRequest.input.body = {
        ...nativeRequest.input.body,
        ...bodyAfterGeneric(group, piped, generic),
      };
    }
    const piped = (await this.kuzzle.pipe(
      before,
      nativeRequest,
    )) as KuzzleRequest;
    const left = takeOver(group, piped, before);
    return {
      group: {
        ...group,
        documents: left.documents,
        nativeRequest: () => piped,
      },
      removed: left.removed,
    };
  }

  private async runAfter(
    group: WriteGroup,
    result: WriteResult,
  ): Promise<WriteResult> {
    const { op } = group;
    const { after, genericAfter } = NATIVE_WRITES[op];
    const own = result.successes.filter((each) => isOf(group, each));
    const fieldsOf = updatedFieldsIn(group.documents);
    const seen = own.map((each) => nativeSuccess(each, () => fieldsOf(each)));
    const nativeRequest = group.nativeRequest();
    nativeRequest.setResult({
      successes: op === "delete" ? seen.map(({ _id }) => _id) : seen,
      errors: result.errors
        .filter((each) => isOf(group, each))
        .map(nativeError),
    });
    const piped = (await this.kuzzle.pipe(
      after,
      nativeRequest,
    )) as KuzzleRequest;
    let shown = listOf(
      op,
      (piped.result as { successes?: unknown } | null)?.successes,
    );
    if (genericAfter !== undefined) {
      shown = await this.kuzzle.pipe(genericAfter, shown, piped);
    }
    return showOnly(group, result, own, shown, genericAfter ?? after);
  }

  private isHeardBefore(op: OperationName): boolean {
    const { before, genericBefore: generic } = NATIVE_WRITES[op];
    return this.isHeard(before) || this.isHeard(generic);
  }

  private isHeard(event: string | undefined): boolean {
    return event !== undefined && this.kuzzle.hasListeners(event);
  }
}

function isOf(
  { op, collection }: WriteKind,
  each: { readonly op?: OperationName; readonly collection?: unknown },
): boolean {
  return each.op === op && each.collection === collection;
}

/** Of a delete, native requests and results have ids instead of documents. */
function listOf(op: OperationName, list: unknown): unknown {
  return op === "delete" && Array.isArray(list)
    ? list.map((_id: unknown) => ({ _id }))
    : list;
}

/** What the generic pipes have left is the body that the others see. */
function bodyAfterGeneric(
  { op, documents }: WriteGroup,
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

function takeOver(
  group: WriteGroup,
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

function showOnly(
  { documents }: WriteGroup,
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
 * Which of the documents a pipe has let through, and as what. Ids may repeat:
 * the first of an id is matched with the first.
 *
 * @param mustBeKnown not where the next pipes may still change the list
 * @throws when a pipe has added or renamed a document, naming it
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
