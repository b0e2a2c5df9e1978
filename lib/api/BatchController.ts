import type { ControllerDefinition, KuzzleRequest } from "kuzzle";

import { batchError, NATIVE_ERRORS } from "../errors";
import { batchGet } from "../operations/batchGet";
import { EngineError, type Engine } from "../operations/engine";
import { update } from "../operations/update";
import { write } from "../operations/write";
import type {
  GetCommand,
  UpdateCommand,
  UpdatedDocument,
  WriteCommand,
  WriteDocument,
  WriteResult,
  WrittenDocument,
} from "../types";
import { Access, type NativeAction } from "./access";
import {
  assertCompleteGet,
  assertCompleteWrite,
  getAnswer,
  type GetAnswer,
} from "./answers";
import { Arguments } from "./arguments";
import { ACTIONS, openapi } from "./openapi";
import { parseGet, type GetRequest } from "./parseGet";
import { parseDocuments, type DocumentRules } from "./parseWrite";
import type { KuzzleServices } from "./services";
import { twinRequest } from "./twin";
import { updatedFields } from "./updatedFields";

const NATIVE_GET = { controller: "document", action: "mGet" } as const;
const NATIVE_WRITE = { controller: "bulk", action: "mWrite" } as const;
const NATIVE_UPDATE = { controller: "document", action: "mUpdate" } as const;

const WRITE_RULES: DocumentRules = { assignsIds: true, allowsIfAbsent: true };
const UPDATE_RULES: DocumentRules = {
  assignsIds: false,
  allowsIfAbsent: false,
};

type WriteAnswer<Success> = Omit<WriteResult<Success>, "completeness">;

/** `batch:*`: reads requests, asks the operations, answers. */
export class BatchController {
  private readonly access: Access;

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly engine: Engine,
    private readonly maxLookups: number,
  ) {
    this.access = new Access(kuzzle);
  }

  get definition(): ControllerDefinition {
    return {
      actions: {
        batchGet: {
          handler: (request) => this.batchGet(request),
          http: [
            route("batchGet", "post", "/_/batch/:index/_batchGet"),
            route("batchGet", "post", "/_/batch/:index/:collection/_batchGet"),
          ],
        },
        mWrite: {
          handler: (request) => this.mWrite(request),
          http: [
            route("mWrite", "post", "/_/batch/:index/:collection/_mWrite"),
          ],
        },
        mUpdate: {
          handler: (request) => this.mUpdate(request),
          http: [
            route("mUpdate", "put", "/_/batch/:index/:collection/_mUpdate"),
          ],
        },
      },
    };
  }

  private async batchGet(request: KuzzleRequest): Promise<GetAnswer> {
    const asked = parseGet(request);
    const command = await this.admitGet(request, asked);
    const result = await batchGet(command, this.engine);
    if (asked.strict) {
      assertCompleteGet(result);
    }
    return getAnswer(result);
  }

  /** Rights, existence, limits, in this order. */
  private async admitGet(
    request: KuzzleRequest,
    asked: GetRequest,
  ): Promise<GetCommand> {
    const named = new Set<string>();
    let wholeIndex = 0;
    for (const { collection } of asked.asked) {
      if (collection === undefined) {
        wholeIndex++;
      } else {
        named.add(collection);
      }
    }
    const { index } = asked;
    const { access, kuzzle } = this;
    await access.assertCollections(request, NATIVE_GET, index, [...named]);
    const collections =
      wholeIndex > 0
        ? await access.usableCollections(request, NATIVE_GET, index)
        : [];

    if (asked.requested > kuzzle.documentsFetchCount) {
      throw NATIVE_ERRORS.getLimitExceeded();
    }
    const lookups =
      asked.asked.length - wholeIndex + wholeIndex * collections.length;
    if (lookups > this.maxLookups) {
      throw batchError("batch.get.too_many_lookups", {
        lookups,
        allowed: this.maxLookups,
      });
    }
    return { ...asked, collections };
  }

  private async mWrite(
    request: KuzzleRequest,
  ): Promise<WriteAnswer<WrittenDocument>> {
    const args = new Arguments(request);
    const command = parseCommand(request, args, WRITE_RULES);
    const notify = args.flag("notify");
    const withSource = args.flag("source", true);
    await this.admitWrite(request, NATIVE_WRITE, command);

    const result = await reachEngine(() => write(command, this.engine));
    if (notify) {
      await this.notify(
        request,
        NATIVE_WRITE,
        command,
        result.successes,
        writtenNotice,
      );
    }
    if (command.strict) {
      assertCompleteWrite(result, "write");
    }
    return writeAnswer(result, withSource);
  }

  private async mUpdate(
    request: KuzzleRequest,
  ): Promise<WriteAnswer<UpdatedDocument>> {
    const args = new Arguments(request);
    const parsed = parseCommand(request, args, UPDATE_RULES);
    const { defaultConflictRetries } = this.kuzzle;
    const retryOnConflict = args.count(
      "retryOnConflict",
      defaultConflictRetries,
    );
    const silent = args.flag("silent");
    const withSource = args.flag("source", false);
    await this.admitWrite(request, NATIVE_UPDATE, parsed);
    if (parsed.requested > this.kuzzle.documentsWriteCount) {
      throw NATIVE_ERRORS.writeLimitExceeded();
    }

    const { index, collection } = parsed;
    const notify = !silent && this.kuzzle.hasSubscribers(index, collection);
    const command: UpdateCommand = {
      ...parsed,
      retryOnConflict,
      fetchSource: withSource || notify,
      metadata: { updatedAt: Date.now(), updater: request.getKuid() },
    };
    const result = await reachEngine(() => update(command, this.engine));
    if (notify) {
      await this.notify(
        request,
        NATIVE_UPDATE,
        command,
        result.successes,
        updatedNotice,
      );
    }
    if (command.strict) {
      assertCompleteWrite(result, "update");
    }
    return writeAnswer(result, withSource);
  }

  private async admitWrite(
    request: KuzzleRequest,
    native: NativeAction,
    { index, collection }: WriteCommand,
  ): Promise<void> {
    await this.access.assertCollections(request, native, index, [collection]);
  }

  /** Tells subscribers what native actions would tell them. */
  private async notify<Success extends { readonly position: number }>(
    request: KuzzleRequest,
    native: NativeAction,
    { collection, documents }: WriteCommand,
    successes: readonly Success[],
    toNotice: (success: Success, document: WriteDocument) => object,
  ): Promise<void> {
    if (successes.length === 0) {
      return;
    }
    const byPosition = new Map(documents.map((each) => [each.position, each]));
    const twin = twinRequest(request, native, collection, request.input.body);
    const action = native === NATIVE_UPDATE ? "update" : "write";
    await this.kuzzle.notify(
      twin,
      action,
      successes.map((success) =>
        toNotice(success, byPosition.get(success.position) as WriteDocument),
      ),
    );
  }
}

function route(
  action: keyof typeof ACTIONS,
  verb: "post" | "put",
  path: string,
): { verb: "post" | "put"; path: string; openapi: object } {
  return { verb, path, openapi: openapi(action, path) };
}

function parseCommand(
  request: KuzzleRequest,
  args: Arguments,
  rules: DocumentRules,
): WriteCommand {
  return {
    index: args.name("index"),
    collection: args.name("collection"),
    refresh: args.refresh(),
    strict: args.flag("strict"),
    ...parseDocuments(request, rules),
  };
}

/** A call that concerns the whole request failed: nothing was written yet. */
async function reachEngine<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw error instanceof EngineError
      ? batchError("batch.engine.unavailable", { reason: error.message })
      : error;
  }
}

function writeAnswer<Success extends { readonly _source?: object }>(
  { successes, errors, stats }: WriteResult<Success>,
  withSource: boolean,
): WriteAnswer<Success> {
  return {
    successes: withSource
      ? successes
      : successes.map(({ _source, ...rest }) => rest as Success),
    errors,
    stats,
  };
}

function writtenNotice({ _id, _source, _version, created }: WrittenDocument) {
  return {
    _id,
    _source,
    _version,
    created,
    result: created ? "created" : "updated",
    status: created ? 201 : 200,
  };
}

function updatedNotice(
  { _id, _source, _version, status }: UpdatedDocument,
  { body }: WriteDocument,
) {
  return {
    _id,
    _source,
    _version,
    status,
    _updatedFields: updatedFields(body),
  };
}
