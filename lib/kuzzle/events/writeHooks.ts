import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { OperationName } from "../../types";
import type {
  AskedWrite,
  ValidationError,
  WriteCommand,
  WriteDocument,
  WriteResult,
} from "../../core/commands";
import { groupBy } from "../../core/groupBy";
import type { KuzzleServices } from "../KuzzleServices";
import { newNativeRequest } from "../nativeRequest";
import {
  genericBefore,
  nativeBody,
  nativeError,
  nativeSuccess,
} from "./nativeShapes";
import { NATIVE_WRITES } from "./nativeWrites";
import {
  bodyAfterGeneric,
  listOf,
  showOnly,
  takeOver,
  type GroupedDocuments,
} from "./pipedDocuments";
import { updatedFieldsIn } from "./updatedFields";

/** Operations that would form one native request: of one kind, on one collection. */
export interface WriteKind {
  readonly op: OperationName;
  readonly collection: string;
}

/** Unambiguous, since no operation has a space in its name. */
export function kindName({ op, collection }: WriteKind): string {
  return `${op} ${collection}`;
}

/** The operations of one kind, as the before hooks left them. */
export interface WriteGroup extends WriteKind, GroupedDocuments {
  readonly index: string;
  /**
   * The request that the before hooks saw, so that the after hooks see the same one. It
   * is large, so it is only made if there are listeners.
   */
  readonly nativeRequest: () => KuzzleRequest;
}

/** A command after the before hooks. */
export interface PreparedWrite<Command> {
  readonly command: Command;
  readonly groups: readonly WriteGroup[];
}

/**
 * Runs the events of Kuzzle's own actions around a batch: those of each kind of
 * operation on each collection, in the order in which these first occur.
 */
export class WriteHooks {
  constructor(private readonly kuzzle: KuzzleServices) {}

  /** Whether anybody listens to the documents after they are written. */
  seesResults(op: OperationName): boolean {
    const { after, genericAfter } = NATIVE_WRITES[op];
    return this.isHeard(after) || this.isHeard(genericAfter);
  }

  /**
   * Pipes see documents parsed. A document that was sent as text, and that they leave
   * unchanged, stays text.
   *
   * @returns the command as the pipes left it: bodies may have changed, and a document
   * that a pipe removed is a validation error
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
