import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { Source, WriteError, WriteInput } from "../../types";
import { type RawSource, parsedContent, sourceOf } from "../../core/RawSource";
import type {
  ValidationError,
  WriteCommand,
  WriteDocument,
  WriteResult,
} from "../../core/commands";
import { REMOVED_BY_PIPE } from "../../core/outcome";
import { inputOf } from "../../core/validation/writeInput";
import { isObject } from "../../core/validation/items";
import { contentAfter } from "./contentAfter";
import { idsOf, pipeError } from "./readHooks";
import type { KuzzleServices } from "../KuzzleServices";
import { newNativeRequest, type NativeEvents } from "../nativeRequest";

export const NATIVE_WRITE: NativeEvents = {
  controller: "bulk",
  action: "mWrite",
  before: "bulk:beforeMWrite",
  after: "bulk:afterMWrite",
};

export const NATIVE_UPDATE: NativeEvents = {
  controller: "document",
  action: "mUpdate",
  before: "document:beforeMUpdate",
  after: "document:afterMUpdate",
  genericBefore: "generic:document:beforeUpdate",
  genericAfter: "generic:document:afterUpdate",
};

/** A command that has passed the hooks before it. */
export interface PreparedWrite<Command> {
  readonly command: Command;
  /**
   * The request that the hooks have seen, for those after it to see it again. It is
   * large, and is not made where nobody listens.
   */
  readonly nativeRequest: () => KuzzleRequest;
}

/** What a pipe sees of a document that was written. */
interface PipedSuccess {
  readonly _id: string;
  readonly _source?: Source | RawSource | undefined;
  readonly _version: number;
  readonly status?: number;
}

/** Runs the events of the native twin around one write or update. */
export class WriteHooks {
  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly native: NativeEvents,
  ) {}

  /** Somebody wants to see the documents after they are written. */
  get seesResults(): boolean {
    const { after, genericAfter } = this.native;
    return this.isHeard(after) || this.isHeard(genericAfter);
  }

  /**
   * Pipes see documents parsed. One that was sent as text, and that they have left
   * as it is, stays the text.
   *
   * @returns the command as the pipes left it: bodies may be changed, and a
   * document that was taken away is a defect
   */
  async before<Command extends WriteCommand>(
    request: KuzzleRequest,
    command: Command,
  ): Promise<PreparedWrite<Command>> {
    const { native } = this;
    const isSeen = this.seesDocuments;
    const makeRequest = _.once(() =>
      newNativeRequest(request, native, command.collection, {
        documents: command.documents.map(({ _id, body }) => ({
          _id,
          body: isSeen ? parsedContent(body) : body,
        })),
      }),
    );
    if (!this.isHeard(native.before) && !this.isHeard(native.genericBefore)) {
      return { command, nativeRequest: makeRequest };
    }
    const nativeRequest = makeRequest();
    if (native.genericBefore !== undefined) {
      const documents = await this.kuzzle.pipe(
        native.genericBefore,
        command.documents.map(({ _id, body }) => ({
          _id,
          _source: parsedContent(body),
        })),
        nativeRequest,
      );
      idsOf(documents, native.genericBefore);
      nativeRequest.input.body = {
        ...nativeRequest.input.body,
        documents: (documents as Array<{ _id: unknown; _source: unknown }>).map(
          ({ _id, _source }) => ({ _id, body: _source }),
        ),
      };
    }
    const piped = (await this.kuzzle.pipe(
      native.before,
      nativeRequest,
    )) as KuzzleRequest;
    return {
      command: this.takeOver(command, piped),
      nativeRequest: () => piped,
    };
  }

  /** @returns the result as the pipes left it */
  async after<Success extends PipedSuccess & { readonly position: number }>(
    { command, nativeRequest: requestOf }: PreparedWrite<WriteCommand>,
    result: WriteResult<Success>,
  ): Promise<WriteResult<Success>> {
    if (!this.seesResults) {
      return result;
    }
    const { after, genericAfter } = this.native;
    const nativeRequest = requestOf();
    nativeRequest.setResult({
      successes: result.successes.map(toPiped),
      errors: result.errors.map(({ document, status, reason }) => ({
        document,
        status,
        reason,
      })),
    });
    const piped = (await this.kuzzle.pipe(
      after,
      nativeRequest,
    )) as KuzzleRequest;
    let shown: unknown = (piped.result as { successes?: unknown } | null)
      ?.successes;
    if (genericAfter !== undefined) {
      shown = await this.kuzzle.pipe(genericAfter, shown, piped);
    }
    return this.showOnly(command.documents, result, shown);
  }

  private get seesDocuments(): boolean {
    const { before, genericBefore } = this.native;
    return (
      this.isHeard(before) || this.isHeard(genericBefore) || this.seesResults
    );
  }

  private isHeard(event: string | undefined): boolean {
    return event !== undefined && this.kuzzle.hasListeners(event);
  }

  private takeOver<Command extends WriteCommand>(
    command: Command,
    nativeRequest: KuzzleRequest,
  ): Command {
    const { before } = this.native;
    const piped: unknown = nativeRequest.input.body?.documents;
    const kept = matchById(command.documents, piped, before);
    const documents: WriteDocument[] = [];
    const removed: ValidationError<WriteInput>[] = [];

    for (const document of command.documents) {
      const { _id, position } = document;
      const match = kept.get(document);
      if (match === undefined) {
        const asked = inputOf(document);
        removed.push({ position, asked, failure: REMOVED_BY_PIPE });
      } else if (isObject(match.body)) {
        const body = contentAfter(document.body, match.body);
        documents.push({ ...document, body });
      } else {
        throw pipeError(before, `left ${JSON.stringify(_id)} without a body`);
      }
    }
    return {
      ...command,
      documents,
      validationErrors: [...command.validationErrors, ...removed],
    };
  }

  private showOnly<
    Success extends PipedSuccess & { readonly position: number },
  >(
    documents: readonly WriteDocument[],
    result: WriteResult<Success>,
    shown: unknown,
  ): WriteResult<Success> {
    const asked = new Map(documents.map((each) => [each.position, each]));
    const { after, genericAfter = after } = this.native;
    const kept = matchById(result.successes, shown, genericAfter);
    const successes: Success[] = [];
    const removed: WriteError[] = [];

    for (const success of result.successes) {
      const match = kept.get(success);
      if (match === undefined) {
        const { position } = success;
        const document = inputOf(asked.get(position) as WriteDocument);
        removed.push({ document, position, ...REMOVED_BY_PIPE });
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
}

/**
 * Which of the documents a pipe has let through, and as what. Ids may repeat:
 * the first of an id is matched with the first.
 *
 * @throws when a pipe has added or renamed a document, naming it
 */
function matchById<Known extends { readonly _id: string }>(
  known: readonly Known[],
  piped: unknown,
  event: string,
): Map<Known, Record<string, unknown>> {
  const waiting = new Map<unknown, Known[]>();
  for (const document of known) {
    const sameId = waiting.get(document._id) ?? [];
    sameId.push(document);
    waiting.set(document._id, sameId);
  }
  const matches = new Map<Known, Record<string, unknown>>();
  idsOf(piped, event).forEach((id, i) => {
    const document = waiting.get(id)?.shift();
    if (document === undefined) {
      throw pipeError(event, `added or renamed ${JSON.stringify(id)}`);
    }
    matches.set(document, (piped as Record<string, unknown>[])[i]!);
  });
  return matches;
}

function toPiped(success: PipedSuccess): PipedSuccess {
  const { _id, _version, status } = success;
  return {
    _id,
    _source: sourceOf(success),
    _version,
    ...(status !== undefined && { status }),
  };
}
