import {
  ForbiddenError,
  KuzzleError,
  PreconditionError,
  SizeLimitError,
  UnauthorizedError,
} from "kuzzle";

interface ErrorDefinition {
  readonly code: number;
  readonly status: number;
  /** `{name}` is replaced by the parameter of that name */
  readonly message: string;
  readonly description: string;
}

/**
 * Every error that the plugin itself raises: the only source of the classes, the table
 * in manifest.json and the docs page. Codes never change once assigned.
 */
export const ERRORS = {
  "batch.config.invalid": {
    code: 0x04ba0001,
    status: 500,
    message: "{name} is {value}; allowed: {allowed}.",
    description:
      "The plugin's configuration is invalid, so Kuzzle does not start.",
  },
  "batch.kuzzle.unsupported": {
    code: 0x04ba0002,
    status: 500,
    message: "Kuzzle {version} lacks parts that the plugin needs: {missing}.",
    description:
      "The plugin uses parts of Kuzzle that are not public API, and checks for them when it starts. This version of Kuzzle lacks some of them, so Kuzzle does not start.",
  },
  "batch.request.missing": {
    code: 0x04ba0101,
    status: 400,
    message: "{place} is missing.",
    description: "A required argument is missing.",
  },
  "batch.request.invalid": {
    code: 0x04ba0102,
    status: 400,
    message: "{place} must be {expected}.",
    description: "An argument has the wrong type or an invalid value.",
  },
  "batch.request.conflict": {
    code: 0x04ba0103,
    status: 400,
    message: "{place} and {other} are mutually exclusive.",
    description: "The request has two arguments that cannot be used together.",
  },
  "batch.request.too_many_invalid": {
    code: 0x04ba0104,
    status: 400,
    message:
      "Nothing was done: {count} of the {requested} items are invalid. `errors` has the first {shown}.",
    description:
      "The request has more malformed documents or ids than a response lists. `count` is the total.",
  },
  "batch.get.incomplete": {
    code: 0x04ba0201,
    status: 400,
    message:
      "{count} of the {requested} requested documents were not returned.",
    description:
      "A strict batchGet could not return every document. `errors` has an entry for each document that is missing (code `not_found`) or could not be read.",
  },
  "batch.get.too_many_lookups": {
    code: 0x04ba0202,
    status: 413,
    message:
      "This request would read {lookups} documents; at most {allowed} are allowed. Name the collections or request fewer ids.",
    description:
      "An id without a collection is read in every collection of the index. Ids times collections exceed the setting `maxLookups`.",
  },
  "batch.write.refused": {
    code: 0x04ba0301,
    status: 400,
    message:
      "Nothing was written: {count} of the {requested} documents are invalid.",
    description:
      "Validation of a strict mWrite or batchWrite failed, and nothing was sent to Elasticsearch. `errors` has the first 1,000 invalid documents, and `count` is how many there are.",
  },
  "batch.write.incomplete": {
    code: 0x04ba0302,
    status: 400,
    message:
      "{count} of the {requested} documents were not written; all others were.",
    description:
      "Elasticsearch rejected some documents of a strict mWrite or batchWrite. `errors` has an entry for each document that failed; all others were written.",
  },
  "batch.write.too_large": {
    code: 0x04ba0303,
    status: 413,
    message: "An atomic batch may have {allowed}; this one has {actual}.",
    description:
      "An atomic batch has too many documents, or their total size is too large. Nothing was written.",
  },
  "batch.write.rolled_back": {
    code: 0x04ba0304,
    status: 409,
    message: "Nothing was written: {reason}. Journal: {journal}.",
    description:
      "An atomic batch could not write every document, so none of them was kept. `errors` has an entry for each document of the request: those that caused the rollback have their own code, the others have the code `other`. The status is 503 when no document was at fault: Elasticsearch was unavailable, or the node stalled.",
  },
  "batch.write.rollback_incomplete": {
    code: 0x04ba0305,
    status: 500,
    message:
      "{count} documents could not be restored because they were modified concurrently. Journal: {journal}.",
    description:
      "An atomic batch was rolled back, except for documents that others modified after the batch wrote them, or may have written them. These are left as they are, and `errors` names them with the code `version_conflict`.",
  },
  "batch.write.outcome_unknown": {
    code: 0x04ba0306,
    status: 500,
    message:
      "Elasticsearch is unavailable, so the outcome of the batch is not known yet. Journal: {journal}.",
    description:
      "An atomic batch lost its connection to Elasticsearch. As soon as Elasticsearch responds again, recovery either keeps the whole batch or rolls it back.",
  },
  "batch.update.refused": {
    code: 0x04ba0401,
    status: 400,
    message:
      "Nothing was updated: {count} of the {requested} documents are invalid.",
    description:
      "Validation of a strict mUpdate failed, and nothing was sent to Elasticsearch. `errors` has the first 1,000 invalid documents, and `count` is how many there are.",
  },
  "batch.update.incomplete": {
    code: 0x04ba0402,
    status: 400,
    message:
      "{count} of the {requested} documents were not updated; all others were.",
    description:
      "Elasticsearch rejected some documents of a strict mUpdate. `errors` has an entry for each document that failed; all others were updated.",
  },
  "batch.idempotency.mismatch": {
    code: 0x04ba0801,
    status: 422,
    message: "The idempotency key was already used for a different request.",
    description:
      "The same user has already used this idempotency key with a different action, index, collection, arguments or body.",
  },
  "batch.idempotency.in_progress": {
    code: 0x04ba0802,
    status: 409,
    message: "The first request with this idempotency key is still running.",
    description:
      "Send the same request again later: it will get the response to the first one.",
  },
  "batch.idempotency.abandoned": {
    code: 0x04ba0803,
    status: 500,
    message:
      "The node that ran the first request with this idempotency key has stopped; what it wrote is unknown.",
    description:
      "`errors` has an entry for each document, with the code `unknown_outcome`. An atomic batch is either complete or will be rolled back: read its documents after a while, then send what is missing with a new key.",
  },
  "batch.idempotency.lost": {
    code: 0x04ba0804,
    status: 503,
    message:
      "The node was paused for so long that other nodes considered it stopped: nothing was written.",
    description:
      "In the meantime, requests with the same idempotency key got `batch.idempotency.abandoned`. Send the request again with a new key.",
  },
  "batch.idempotency.unavailable": {
    code: 0x04ba0805,
    status: 503,
    message: "Redis does not respond: nothing was written.",
    description:
      "The plugin keeps idempotency keys in Kuzzle's internal cache. Send the same request again later.",
  },
  "batch.pipe.invalid": {
    code: 0x04ba0601,
    status: 500,
    message: "A pipe on {event} {what}.",
    description:
      "A pipe of the application added or renamed a document. Pipes on batches may only change or remove documents.",
  },
  "batch.engine.unavailable": {
    code: 0x04ba0501,
    status: 503,
    message: "Elasticsearch is unavailable: {reason}",
    description:
      "A call to Elasticsearch that the whole request depends on failed before anything was written, or no document of the request could be sent within `maxQueueMs`.",
  },
  "batch.documents.incomplete": {
    code: 0x04ba0701,
    status: 503,
    message:
      "Elasticsearch could not read {count} of the {requested} documents.",
    description:
      "Mixpeek compatibility API only: its response has no place for documents that could not be read. `errors` has an entry for each.",
  },
  "batch.documents.forbidden": {
    code: 0x04ba0702,
    status: 403,
    message:
      "A pipe of the application removed {count} of the {requested} documents.",
    description:
      "Mixpeek compatibility API only: its response has no place for documents that the caller may not see. `errors` has an entry for each.",
  },
  "batch.documents.signing_failed": {
    code: 0x04ba0703,
    status: 503,
    message: "The URLs of the blobs could not be signed.",
    description:
      "The AWS SDK could not sign the URLs, usually because it found no credentials. Kuzzle's log has the SDK's message, without secrets.",
  },
  "batch.response.too_large": {
    code: 0x04ba0704,
    status: 413,
    message:
      "{count} of the {requested} documents did not fit into the response. Request fewer at a time.",
    description:
      "The response would exceed the setting `maxResponseBytes`, and this API has no place for documents that were left out.",
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorId = keyof typeof ERRORS;

/** Overrides of the table's status and of the number of `errors`. */
interface ErrorOptions {
  readonly status?: number;
  /** the total number, if `errors` has only the first of them */
  readonly count?: number;
}

/** An error raised by the plugin; `errors` has an entry for each document. */
export class BatchError extends KuzzleError {
  readonly errors: readonly object[] | undefined;
  readonly count: number | undefined;

  constructor(
    id: ErrorId,
    message: string,
    errors?: readonly object[],
    options: ErrorOptions = {},
  ) {
    super(message, options.status ?? ERRORS[id].status, id, ERRORS[id].code);
    this.errors = errors;
    this.count = options.count ?? errors?.length;
  }

  override toJSON(): ReturnType<KuzzleError["toJSON"]> {
    return this.errors === undefined
      ? super.toJSON()
      : { ...super.toJSON(), count: this.count, errors: this.errors };
  }
}

/**
 * Builds an error of the table above.
 *
 * @param errors an entry for each document concerned
 */
export function batchError(
  id: ErrorId,
  parameters: Record<string, string | number>,
  errors?: readonly object[],
  options?: ErrorOptions,
): BatchError {
  const message = ERRORS[id].message.replace(/\{(\w+)\}/g, (_, name: string) =>
    String(parameters[name]),
  );
  return new BatchError(id, message, errors, options);
}

/** An error in the configuration: the value given, and the values allowed. */
export function configError(
  name: string,
  value: unknown,
  allowed: string,
): BatchError {
  return batchError("batch.config.invalid", {
    name,
    value: JSON.stringify(value) ?? String(value),
    allowed,
  });
}

/**
 * Kuzzle's own errors, where the plugin takes over its checks: same id, code, class,
 * message and props. Kuzzle does not export its catalogue.
 *
 * Source: kuzzle/lib/kerror/codes.
 */
export const NATIVE_ERRORS = {
  unknownIndex: (index: string) =>
    withProps(
      new PreconditionError(
        `The index "${index}" does not exist.`,
        "services.storage.unknown_index",
        0x01010001,
      ),
      index,
    ),
  unknownCollection: (index: string, collection: string) =>
    withProps(
      new PreconditionError(
        `The collection "${index}":"${collection}" does not exist.`,
        "services.storage.unknown_collection",
        0x01010002,
      ),
      index,
      collection,
    ),
  getLimitExceeded: () =>
    withProps(
      new SizeLimitError(
        "The number of documents returned by this request exceeds the configured server limit.",
        "services.storage.get_limit_exceeded",
        0x01010003,
      ),
    ),
  writeLimitExceeded: () =>
    withProps(
      new SizeLimitError(
        "The number of documents edited by this request exceeds the configured server limit.",
        "services.storage.write_limit_exceeded",
        0x01010004,
      ),
    ),
  unauthorized: (controller: string, action: string, userId: string) =>
    withProps(
      new UnauthorizedError(
        // Kuzzle itself appends the user's id
        `Unauthorized: authentication required to execute the action "${controller}:${action}". ${userId}`,
        "security.rights.unauthorized",
        0x07030001,
      ),
      controller,
      action,
      userId,
    ),
  /** @param place index and collection, if the action is allowed elsewhere */
  forbidden: (
    controller: string,
    action: string,
    userId: string,
    place?: string,
  ) =>
    withProps(
      new ForbiddenError(
        `Insufficient permissions to execute the action "${controller}:${action}"${place === undefined ? "" : ` on "${place}"`} (User "${userId}").`,
        "security.rights.forbidden",
        0x07030002,
      ),
      controller,
      action,
      userId,
    ),
} as const;

function withProps<E extends KuzzleError>(error: E, ...props: string[]): E {
  error.props = props;
  return error;
}
