import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import { batchGet } from "../../core/read/batchGet";
import type { ExecutionContext } from "../../core/ExecutionContext";
import { validateWrite } from "../../core/validation/validateWrite";
import type {
  AskedWrite,
  RequestedDocument,
  ValidationError,
} from "../../core/commands";
import { nativeDocuments } from "./nativeDocuments";
import { askedDocument } from "../../core/validation/writeInput";
import { reportUnavailability } from "../../api/response/engineErrors";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";
import { isNativeRequest } from "../../kuzzle/nativeRequest";

/** What the pipes need from Kuzzle. */
export type NativeServices = Pick<KuzzleServices, "collectionExists">;

export interface NativeSwitches {
  readonly native: { readonly mGet: boolean; readonly mWrite: boolean };
  readonly strictByDefault: boolean;
}

/** A pipe on one event; it returns the request, or throws. */
export interface NativePipe {
  readonly event: string;
  readonly handler: (request: KuzzleRequest) => Promise<KuzzleRequest>;
}

/**
 * The plugin's additions to Kuzzle's own actions. Each pipe must be the last on its
 * event, so that it sees a request as the application's own pipes left it.
 */
export function nativePipes(
  kuzzle: NativeServices,
  execution: ExecutionContext,
  { native, strictByDefault }: NativeSwitches,
): NativePipe[] {
  return [
    {
      isOn: native.mGet,
      // Kuzzle rebuilds the result of mGet after `document:afterMGet`
      event: "request:onSuccess",
      handler: (request: KuzzleRequest) => addNotFound(request, execution),
    },
    {
      isOn: native.mWrite,
      event: "bulk:beforeMWrite",
      handler: (request: KuzzleRequest) =>
        checkStrict(request, kuzzle, execution, strictByDefault),
    },
  ].filter(({ isOn }) => isOn);
}

// ---------------------------------------------------------- document:mGet

/**
 * Adds `not_found` to a response of `document:mGet`. The `errors` of that response mix
 * ids of missing documents with those that could not be read, so the engine is asked
 * again.
 */
async function addNotFound(
  request: KuzzleRequest,
  execution: ExecutionContext,
): Promise<KuzzleRequest> {
  const { controller, action, args } = request.input;
  const result = request.result as NativeGetResult | null;
  if (controller !== "document" || action !== "mGet" || result === null) {
    return request;
  }
  const failed = (result.errors ?? []).filter(
    (id): id is string => typeof id === "string",
  );
  const missing = await findMissing(
    String(args.index),
    String(args.collection),
    failed,
    execution,
  );
  result.not_found = failed.filter((id) => missing.has(id));
  return request;
}

interface NativeGetResult {
  readonly errors?: readonly unknown[];
  not_found?: string[];
}

async function findMissing(
  index: string,
  collection: string,
  ids: readonly string[],
  execution: ExecutionContext,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) {
    return new Set();
  }
  const asked = ids.map((_id, position): RequestedDocument => ({
    position,
    _id,
    collection,
    byAddress: false,
  }));
  const { missing } = await batchGet(
    {
      index,
      requested: ids.length,
      asked,
      validationErrors: [],
      collections: [],
      source: { kind: "none" },
      isRaw: false,
      maxResponseBytes: Infinity,
    },
    execution,
  );
  return new Set(missing.map(({ _id }) => _id));
}

// ------------------------------------------------------------ bulk:mWrite

/**
 * Rejects a strict `bulk:mWrite` for errors that can be found before it is written.
 *
 * @throws `batch.write.refused`, `batch.engine.unavailable`
 */
async function checkStrict(
  request: KuzzleRequest,
  kuzzle: NativeServices,
  execution: ExecutionContext,
  strictByDefault: boolean,
): Promise<KuzzleRequest> {
  if (isNativeRequest(request) || !isStrict(request, strictByDefault)) {
    return request;
  }
  const { index, collection } = request.input.args as Record<string, unknown>;
  const entries: unknown = request.input.body?.documents;
  if (
    !Array.isArray(entries) ||
    typeof index !== "string" ||
    typeof collection !== "string" ||
    !(await kuzzle.collectionExists(index, collection))
  ) {
    return request; // Kuzzle rejects it itself
  }
  const { validationErrors } = await validateWrite(
    nativeDocuments(entries, collection),
    () => execution.store.describe(index, collection),
  ).catch(reportUnavailability);
  if (validationErrors.length > 0) {
    throw refusedError(validationErrors, entries);
  }
  return request;
}

/**
 * Reads `strict` as Kuzzle does: over HTTP it is on if present, whatever its value.
 * Where strict is the default, that would make it impossible to turn off, so there
 * `strict=false` works.
 */
function isStrict(
  { input, context }: KuzzleRequest,
  strictByDefault: boolean,
): boolean {
  const args = input.args as Record<string, unknown>;
  const isHttp = context.connection.protocol === "http";
  if (strictByDefault) {
    if (args.strict === undefined) {
      args.strict = true;
    } else if (isHttp && args.strict === "false") {
      delete args.strict;
    }
  }
  return isHttp ? args.strict !== undefined : args.strict === true;
}

function refusedError(
  validationErrors: readonly ValidationError<AskedWrite>[],
  entries: readonly unknown[],
): Error {
  const errors = validationErrors
    .map(({ position, failure }) => ({
      document: askedDocument(entries[position]),
      position,
      ...failure,
    }))
    .sort((a, b) => a.position - b.position);
  return batchError(
    "batch.write.refused",
    { count: errors.length, requested: entries.length },
    errors,
  );
}
