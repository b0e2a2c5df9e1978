import type { KuzzleRequest } from "kuzzle";
import { randomUUID } from "node:crypto";

import { findJsonDefect } from "../../core/validation/jsonObject";
import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";
import type { Failure, Source, WriteInput } from "../../types";
import type {
  Precondition,
  ValidationError,
  WriteCommand,
  WriteDocument,
} from "../../core/commands";
import {
  invalidItem,
  isObject,
  isTooDeep,
  isUnicode,
  tooDeepText,
  validateId,
} from "../../core/validation/items";
import { askedWrite, toRawSource } from "../../core/validation/writeInput";
import type { Arguments } from "./Arguments";
import { bodyList } from "./body";
import { InvalidItems } from "./InvalidItems";

/** What differs in what is asked of the documents of a batch. */
export interface DocumentRules {
  /** a missing `_id` is given one */
  readonly assignsIds: boolean;
  readonly allowsIfAbsent: boolean;
  /** the engine parses what is sent, and writes it anew */
  readonly isRewritten: boolean;
  /** of an id: a document of an atomic batch can't be both of two things at once */
  readonly allowsRepeats: boolean;
}

export interface ParsedDocuments {
  readonly requested: number;
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<WriteInput>[];
}

/**
 * The command that a request asks for, as far as all writes have it.
 *
 * @param newId for documents without one, where `rules` assign it
 * @throws `batch.request.*` (400) naming the place
 */
export function parseWrite(
  request: KuzzleRequest,
  args: Arguments,
  rules: DocumentRules,
  newId?: (position: number) => string,
): WriteCommand {
  return {
    index: args.name("index"),
    collection: args.name("collection"),
    refresh: args.refresh(),
    strict: args.flag("strict"),
    ...parseDocuments(request, rules, newId),
  };
}

/**
 * Takes the well-formed documents of a request apart from those with a defect.
 *
 * @throws `batch.request.*` (400) when there is no list of documents, or it
 * exceeds a limit of a request
 */
export function parseDocuments(
  request: KuzzleRequest,
  rules: DocumentRules,
  newId: (position: number) => string = () => randomUUID(),
): ParsedDocuments {
  const entries = bodyList(request, "documents");
  const documents: WriteDocument[] = [];
  const invalid = new InvalidItems<WriteInput>();
  const firstOf = new Map<string, number>();

  entries.forEach((entry, position) => {
    const failure =
      defectOf(entry, `documents[${position}]`, rules) ??
      (rules.allowsRepeats
        ? undefined
        : repeatDefect(entry, position, firstOf));
    if (failure === undefined) {
      documents.push(toDocument(entry as AskedDocument, position, newId));
    } else {
      invalid.add(position, failure, () => askedWrite(entry));
    }
  });
  invalid.assertFew(entries.length, (document) => ({ document }));
  assertFewRepeats(documents);
  return {
    requested: entries.length,
    documents,
    validationErrors: invalid.first,
  };
}

/** @throws `batch.request.invalid` (400) naming the document that is too many */
function assertFewRepeats(documents: readonly WriteDocument[]): void {
  const allowed = REQUEST_LIMITS.repeats.value;
  if (documents.length <= allowed) {
    return;
  }
  const timesSeen = new Map<string, number>();
  for (const { _id, position } of documents) {
    const times = (timesSeen.get(_id) ?? 0) + 1;
    if (times > allowed) {
      throw batchError("batch.request.invalid", {
        place: `documents[${position}]._id`,
        expected: `an id that comes at most ${allowed} times in a request`,
      });
    }
    timesSeen.set(_id, times);
  }
}

/** An entry that has passed `defectOf`. */
interface AskedDocument {
  readonly _id?: string | null;
  readonly body?: Source;
  readonly json?: string;
  readonly ifAbsent?: boolean;
  readonly ifSeqNo?: number;
  readonly ifPrimaryTerm?: number;
}

function toDocument(
  asked: AskedDocument,
  position: number,
  newId: (position: number) => string,
): WriteDocument {
  const precondition: Precondition | undefined =
    asked.ifSeqNo === undefined
      ? undefined
      : {
          ifSeqNo: asked.ifSeqNo,
          ifPrimaryTerm: asked.ifPrimaryTerm as number,
        };
  return {
    position,
    _id: asked._id ?? newId(position),
    body: asked.body ?? toRawSource(asked.json as string),
    ...(asked.ifAbsent === true && { ifAbsent: true }),
    ...(precondition && { precondition }),
  };
}

function defectOf(
  entry: unknown,
  place: string,
  rules: DocumentRules,
): Failure | undefined {
  if (!isObject(entry)) {
    return invalidItem(`${place} must be an object.`);
  }
  const { _id, _source, body, json } = entry;
  if (_source !== undefined) {
    return invalidItem(`${place}._source: use "body" instead.`);
  }
  const isAssigned = rules.assignsIds && (_id === undefined || _id === null);
  const ofId = isAssigned ? undefined : validateId(_id, `${place}._id`);
  if (ofId !== undefined) {
    return ofId;
  }
  const ofContent =
    json === undefined
      ? bodyDefect(body, place)
      : jsonDefect(json, body, place, rules);
  return ofContent ?? conditionDefect(entry, place, rules);
}

function bodyDefect(body: unknown, place: string): Failure | undefined {
  if (!isObject(body)) {
    return invalidItem(`${place}.body must be an object.`);
  }
  return isTooDeep(body)
    ? invalidItem(`${place}.body must be ${tooDeepText}.`)
    : undefined;
}

function jsonDefect(
  json: unknown,
  body: unknown,
  place: string,
  { isRewritten }: DocumentRules,
): Failure | undefined {
  if (body !== undefined) {
    return invalidItem(`${place}: body and json are mutually exclusive.`);
  }
  if (typeof json !== "string") {
    return invalidItem(
      `${place}.json must be a string, the JSON of an object.`,
    );
  }
  if (!isUnicode(json)) {
    return invalidItem(`${place}.json must be text in Unicode.`);
  }
  const defect = findJsonDefect(json, {
    maxDepth: REQUEST_LIMITS.itemDepth.value,
    isRewritten,
    hasUniqueNames: true,
  });
  return defect === undefined
    ? undefined
    : invalidItem(`${place}.json: ${defect}.`);
}

/** @param firstOf the position of each id so far, to which this one is added */
function repeatDefect(
  entry: unknown,
  position: number,
  firstOf: Map<string, number>,
): Failure | undefined {
  const { _id } = entry as AskedDocument;
  const first = firstOf.get(_id ?? "");
  if (first !== undefined) {
    return invalidItem(
      `documents[${position}]._id: an atomic batch has each id once, and documents[${first}] has this one.`,
    );
  }
  if (_id !== undefined && _id !== null) {
    firstOf.set(_id, position);
  }
  return undefined;
}

/** Each of these would make the engine refuse the whole bulk. */
function conditionDefect(
  { ifAbsent, ifSeqNo, ifPrimaryTerm }: Record<string, unknown>,
  place: string,
  rules: DocumentRules,
): Failure | undefined {
  if (ifAbsent !== undefined && !rules.allowsIfAbsent) {
    return invalidItem(`${place}.ifAbsent: an update has no such condition.`);
  }
  if (ifAbsent !== undefined && typeof ifAbsent !== "boolean") {
    return invalidItem(`${place}.ifAbsent must be true or false.`);
  }
  if (ifSeqNo === undefined && ifPrimaryTerm === undefined) {
    return undefined;
  }
  if (ifSeqNo === undefined || ifPrimaryTerm === undefined) {
    return invalidItem(`${place}: ifSeqNo and ifPrimaryTerm only go together.`);
  }
  if (ifAbsent === true) {
    return invalidItem(
      `${place}: ifAbsent and ifSeqNo are mutually exclusive.`,
    );
  }
  if (!isCount(ifSeqNo, 0)) {
    return invalidItem(`${place}.ifSeqNo must be a whole number, 0 or above.`);
  }
  if (!isCount(ifPrimaryTerm, 1)) {
    return invalidItem(
      `${place}.ifPrimaryTerm must be a whole number, 1 or above.`,
    );
  }
  return undefined;
}

function isCount(value: unknown, minimum: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= minimum;
}
