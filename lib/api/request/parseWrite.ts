import { randomUUID } from "node:crypto";

import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";
import { kindName, type WriteKind } from "../../kuzzle/events/writeHooks";
import type { Failure, OperationName, Source } from "../../types";
import { RawSource } from "../../core/RawSource";
import type {
  AskedWrite,
  Precondition,
  ValidationError,
  WriteDocument,
} from "../../core/commands";
import {
  invalidItem,
  isObject,
  placeOf,
  type EntryPlace,
} from "../../core/validation/items";
import {
  askedDocument,
  askedOperation,
  operationOf,
  OPERATIONS,
  toRawSource,
} from "../../core/validation/writeInput";
import type { Arguments } from "./Arguments";
import { InvalidItems } from "./InvalidItems";
import {
  validateEntry,
  validateRepeat,
  type AskedDocument,
  type NamedEntry,
} from "./validateEntry";

const MAX_REPEATS = REQUEST_LIMITS.repeats.value;

/** How a request is parsed, apart from its list. */
export interface ParseOptions {
  /** for documents without an id, if the operation assigns ids */
  readonly newId?: (position: number) => string;
  /**
   * whether an address may repeat: in an atomic batch a document can't be written twice
   */
  readonly allowsRepeats: boolean;
}

export interface ParsedDocuments {
  readonly requested: number;
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<AskedWrite>[];
}

export interface ParsedOperations extends ParsedDocuments {
  /** each kind of operation on each collection, in the order of the request */
  readonly kinds: readonly WriteKind[];
}

/**
 * Separates the well-formed documents of a request from those with an error. All of
 * them are for the same operation.
 *
 * @throws `batch.request.*` (400) when there is no list of documents, or it exceeds a
 * limit of a request
 */
export function parseDocuments(
  args: Arguments,
  { op, collection }: WriteKind,
  options: ParseOptions,
): ParsedDocuments {
  return parseEntries(args.list("documents"), options, {
    read: (asked, position) => ({ op, collection, position, asked }),
    asAsked: (entry) => ({ op, collection, document: askedDocument(entry) }),
    toEntry: ({ document }) => ({ document }),
  });
}

/**
 * Like `parseDocuments`, for operations that each say what to do, and where.
 *
 * @param defaultCollection for operations that name none
 * @throws `batch.request.*` (400)
 */
export function parseOperations(
  args: Arguments,
  defaultCollection: string | undefined,
  options: ParseOptions,
): ParsedOperations {
  const kinds = new Map<string, WriteKind>();
  const parsed = parseEntries(args.list("operations"), options, {
    read: (entry, position) => {
      const named = readOperation(entry, position, defaultCollection);
      if (!("failure" in named)) {
        const name = kindName(named);
        if (!kinds.has(name)) {
          kinds.set(name, { op: named.op, collection: named.collection });
        }
      }
      return named;
    },
    asAsked: (entry) => askedOperation(entry, defaultCollection),
    toEntry: (asked) => asked,
  });
  return { ...parsed, kinds: [...kinds.values()] };
}

function readOperation(
  entry: unknown,
  position: number,
  defaultCollection: string | undefined,
): NamedEntry | { readonly failure: Failure } {
  const operation = operationOf(entry);
  if (operation === undefined) {
    const names = OPERATIONS.join(", ");
    return {
      failure: invalidItem(
        `operations[${position}] must be an object with one key, which is one of ${names}.`,
      ),
    };
  }
  const { op, asked } = operation;
  const place = { op, position, isNamed: true } as const;
  if (!isObject(asked)) {
    return { failure: invalidItem(`${placeOf(place)} must be an object.`) };
  }
  const { collection = defaultCollection } = asked;
  if (collection === undefined || collection === null) {
    return {
      failure: invalidItem(
        `${placeOf(place)}.collection is missing, and the request has no default collection.`,
      ),
    };
  }
  if (typeof collection !== "string" || collection === "") {
    return {
      failure: invalidItem(
        `${placeOf(place)}.collection must be a non-empty string.`,
      ),
    };
  }
  return { op, position, isNamed: true, collection, asked };
}

interface EntryReader {
  read(
    entry: unknown,
    position: number,
  ): NamedEntry | { readonly failure: Failure };
  /** the entry in a form that can be returned to the caller */
  asAsked(entry: unknown): AskedWrite;
  /** the part of an `errors` entry that identifies the operation */
  readonly toEntry: (asked: AskedWrite) => object;
}

function parseEntries(
  entries: readonly unknown[],
  { newId = () => randomUUID(), allowsRepeats }: ParseOptions,
  reader: EntryReader,
): ParsedDocuments {
  const documents: WriteDocument[] = [];
  const invalid = new InvalidItems<AskedWrite>();
  const firstOf = new Map<string, EntryPlace>();
  const timesSeen = new Map<string, number>();
  const mayRepeatTooOften = entries.length > MAX_REPEATS;

  entries.forEach((entry, position) => {
    const named = reader.read(entry, position);
    const failure =
      "failure" in named
        ? named.failure
        : (validateEntry(named) ??
          (allowsRepeats ? undefined : validateRepeat(named, firstOf)));
    if (failure === undefined) {
      if (mayRepeatTooOften) {
        assertFewRepeats(named as NamedEntry, timesSeen);
      }
      documents.push(toDocument(named as NamedEntry, newId));
    } else {
      invalid.add(position, failure, () => reader.asAsked(entry));
    }
  });
  invalid.assertFew(entries.length, reader.toEntry);
  return {
    requested: entries.length,
    documents,
    validationErrors: invalid.first,
  };
}

/**
 * @param timesSeen how often each address has come so far; this entry is added
 * @throws `batch.request.invalid` (400) naming the document that exceeds the limit
 */
function assertFewRepeats(
  entry: NamedEntry,
  timesSeen: Map<string, number>,
): void {
  const { _id } = entry.asked as AskedDocument;
  if (_id === undefined || _id === null) {
    return;
  }
  const address = `${entry.collection}/${_id}`;
  const times = (timesSeen.get(address) ?? 0) + 1;
  if (times > MAX_REPEATS) {
    throw batchError("batch.request.invalid", {
      place: `${placeOf(entry)}._id`,
      expected: `an id that occurs at most ${MAX_REPEATS} times in a request`,
    });
  }
  timesSeen.set(address, times);
}

function toDocument(
  { position, op, collection, isNamed, asked: entry }: NamedEntry,
  newId: (position: number) => string,
): WriteDocument {
  const asked = entry as AskedDocument;
  const defaults =
    asked.default ??
    (asked.defaultJson === undefined
      ? undefined
      : toRawSource(asked.defaultJson));
  const precondition: Precondition | undefined =
    asked.ifSeqNo === undefined
      ? undefined
      : {
          ifSeqNo: asked.ifSeqNo,
          ifPrimaryTerm: asked.ifPrimaryTerm as number,
        };
  return {
    position,
    op,
    ...(isNamed && { isNamed }),
    collection,
    _id: asked._id ?? newId(position),
    body: contentOf(op, asked),
    ...(defaults && { defaults }),
    ...(asked.ifAbsent === true && { ifAbsent: true }),
    ...(precondition && { precondition }),
  };
}

function contentOf(
  op: OperationName,
  asked: AskedDocument,
): Source | RawSource {
  const parsed = op === "upsert" ? asked.changes : asked.body;
  return op === "delete"
    ? NO_CONTENT
    : (parsed ?? toRawSource(asked.json as string));
}

const NO_CONTENT: Source = {};
