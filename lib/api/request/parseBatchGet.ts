import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import type {
  RequestedDocument,
  SourceSelection,
  ValidationError,
} from "../../core/commands";
import { Arguments } from "./Arguments";
import {
  invalidItem,
  isObject,
  isTooDeep,
  tooDeepText,
  validateId,
} from "../../core/validation/items";
import { InvalidItems } from "./InvalidItems";

/** A well-formed batchGet request. */
export interface GetRequest {
  readonly index: string;
  /** for entries that do not name one */
  readonly collection: string | undefined;
  /** every collection named, even by entries that are otherwise invalid */
  readonly named: readonly string[];
  readonly requested: number;
  readonly asked: readonly RequestedDocument[];
  readonly validationErrors: readonly ValidationError<unknown>[];
  readonly source: SourceSelection;
  readonly strict: boolean;
  readonly format: "json" | "ndjson";
  /** documents are returned as text */
  readonly asText: boolean;
  /** the request's list as it was sent */
  readonly entries: readonly unknown[];
}

/** @throws `batch.request.*` (400) naming the place */
export function parseGet(request: KuzzleRequest): GetRequest {
  const args = new Arguments(request);
  const index = args.name("index");
  const collection = args.optionalName("collection");
  const source = args.source();
  const strict = args.flag("strict");
  const format = args.format();
  if (strict && format === "ndjson") {
    throw batchError("batch.request.conflict", {
      place: "format",
      other: "strict",
    });
  }
  const asText = args.flag("json");
  return {
    index,
    collection,
    source,
    strict,
    format,
    asText,
    ...parseEntries(readList(args), collection),
  };
}

/**
 * Parses a request of the compatibility APIs: whole documents by a list of ids.
 *
 * @throws `batch.request.*` (400) naming the place
 */
export function parseIds(
  args: Arguments,
  name: string,
  { index, collection }: { index: string; collection?: string },
): GetRequest {
  const entries = nonEmptyList(args, name);
  return {
    index,
    collection,
    source: { kind: "all" },
    strict: false,
    format: "json",
    asText: false,
    ...parseEntries({ name, byAddress: false, entries }, collection),
  };
}

function parseEntries(
  list: AskedList,
  collection: string | undefined,
): Pick<
  GetRequest,
  "named" | "requested" | "asked" | "validationErrors" | "entries"
> {
  const named = new Set(collection === undefined ? [] : [collection]);
  const asked: RequestedDocument[] = [];
  const invalid = new InvalidItems<unknown>();
  list.entries.forEach((entry, position) => {
    const place = `${list.name}[${position}]`;
    if (list.byAddress && isObject(entry) && isName(entry.collection)) {
      named.add(entry.collection);
    }
    const parsed = list.byAddress
      ? parseDocument(entry, place, collection)
      : parseId(entry, place, collection);
    if ("failure" in parsed) {
      invalid.add(position, parsed.failure, () =>
        isTooDeep(parsed.asked) ? undefined : parsed.asked,
      );
    } else {
      asked.push({ position, byAddress: list.byAddress, ...parsed });
    }
  });
  invalid.assertFew(list.entries.length, (_id) => ({ _id }));
  return {
    named: [...named],
    requested: list.entries.length,
    asked,
    validationErrors: invalid.first,
    entries: list.entries,
  };
}

interface AskedList {
  /** what the request calls it */
  readonly name: string;
  readonly byAddress: boolean;
  readonly entries: readonly unknown[];
}

function readList(args: Arguments): AskedList {
  const { ids, documents } = args.body;
  if (isGiven(ids) && isGiven(documents)) {
    throw batchError("batch.request.conflict", {
      place: "ids",
      other: "documents",
    });
  }
  const isByAddress =
    documents !== undefined && (isGiven(documents) || ids === undefined);
  const name = isByAddress ? "documents" : "ids";
  return {
    name,
    byAddress: name === "documents",
    entries: nonEmptyList(args, name),
  };
}

/** A form sends both lists and leaves one of them empty. */
function isGiven(list: unknown): boolean {
  return list !== undefined && !(Array.isArray(list) && list.length === 0);
}

function nonEmptyList(args: Arguments, name: string): unknown[] {
  const entries = args.list(name);
  if (entries.length === 0) {
    throw batchError("batch.request.invalid", {
      place: name,
      expected: "a list of one or more",
    });
  }
  return entries;
}

type Parsed =
  | { readonly _id: string; readonly collection?: string }
  | Omit<ValidationError<unknown>, "position">;

function parseId(
  asked: unknown,
  place: string,
  collection: string | undefined,
): Parsed {
  const failure = validateId(asked, place);
  return failure === undefined
    ? { _id: asked as string, ...(collection !== undefined && { collection }) }
    : { asked, failure };
}

function parseDocument(
  entry: unknown,
  place: string,
  defaultCollection: string | undefined,
): Parsed {
  if (!isObject(entry)) {
    return {
      asked: entry,
      failure: invalidItem(`${place} must be an object.`),
    };
  }
  const { _id: asked, collection = defaultCollection } = entry;
  // the response may have to repeat the entry as it was sent
  if (isTooDeep(entry)) {
    return { asked, failure: invalidItem(`${place} must be ${tooDeepText}.`) };
  }
  if (collection !== undefined && !isName(collection)) {
    const reason = `${place}.collection must be a non-empty string.`;
    return { asked, failure: invalidItem(reason) };
  }
  const failure = validateId(asked, `${place}._id`);
  return failure === undefined
    ? { _id: asked as string, ...(collection !== undefined && { collection }) }
    : { asked, failure };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
