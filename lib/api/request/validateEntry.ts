import { findJsonError } from "../../core/validation/jsonObject";
import { REQUEST_LIMITS } from "../../limits";
import type { WriteKind } from "../../kuzzle/events/writeHooks";
import type { Failure, OperationName, Source } from "../../types";
import {
  excessOf,
  invalidItem,
  isObject,
  isUnicode,
  MAX_NAME_LENGTH,
  tooDeepText,
  placeOf,
  problemOfId,
  type EntryPlace,
} from "../../core/validation/items";

/** What an operation requires of its documents. */
interface OperationRules {
  /** a document without `_id` is given one */
  readonly assignsIds: boolean;
  /** the engine parses the document and serializes it anew */
  readonly isRewritten: boolean;
  readonly allowsIfAbsent: boolean;
  /** `ifSeqNo` and `ifPrimaryTerm` */
  readonly allowsCondition: boolean;
}

const PLAIN: OperationRules = {
  assignsIds: false,
  isRewritten: false,
  allowsIfAbsent: false,
  allowsCondition: true,
};

const RULES: Readonly<Record<OperationName, OperationRules>> = {
  create: { ...PLAIN, assignsIds: true, allowsCondition: false },
  createOrReplace: { ...PLAIN, assignsIds: true },
  replace: PLAIN,
  write: { ...PLAIN, assignsIds: true, allowsIfAbsent: true },
  update: { ...PLAIN, isRewritten: true },
  upsert: { ...PLAIN, isRewritten: true, allowsCondition: false },
  delete: PLAIN,
};

/** An operation of which only the kind and the place are known yet. */
export interface NamedEntry extends EntryPlace, WriteKind {
  readonly asked: unknown;
}

/** An entry that has passed `validateEntry`. */
export interface AskedDocument {
  readonly _id?: string | null;
  readonly body?: Source;
  readonly json?: string;
  readonly changes?: Source;
  readonly default?: Source | null;
  readonly defaultJson?: string;
  readonly ifAbsent?: boolean;
  readonly ifSeqNo?: number;
  readonly ifPrimaryTerm?: number;
}

/** @returns why the entry can't be carried out as it is; undefined if it can */
export function validateEntry(entry: NamedEntry): Failure | undefined {
  const problem = problemOf(entry);
  return problem === undefined
    ? undefined
    : invalidItem(placeOf(entry) + problem);
}

/**
 * @returns what follows the entry's place in an error message, as each function below.
 * The place is only built for invalid entries: a request may have tens of thousands of
 * valid ones.
 */
function problemOf({ op, asked }: NamedEntry): string | undefined {
  if (!isObject(asked)) {
    return " must be an object.";
  }
  const rules = RULES[op];
  const { _id, _source } = asked;
  if (_source !== undefined) {
    return '._source: use "body" instead.';
  }
  const isAssigned = rules.assignsIds && (_id === undefined || _id === null);
  const ofId = isAssigned ? undefined : problemOfId(_id);
  if (ofId !== undefined) {
    return `._id ${ofId}`;
  }
  return (
    problemOfContent(op, asked, rules) ?? problemOfCondition(op, asked, rules)
  );
}

function problemOfContent(
  op: OperationName,
  asked: Record<string, unknown>,
  rules: OperationRules,
): string | undefined {
  switch (op) {
    case "delete":
      return undefined;
    case "upsert":
      return (
        problemOfTextOrObject(asked, "changes", "json", rules) ??
        (isGiven(asked.default) || isGiven(asked.defaultJson)
          ? problemOfTextOrObject(asked, "default", "defaultJson", rules)
          : undefined)
      );
    default:
      return problemOfTextOrObject(asked, "body", "json", rules);
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function problemOfTextOrObject(
  asked: Record<string, unknown>,
  name: string,
  textName: string,
  rules: OperationRules,
): string | undefined {
  const { [name]: content, [textName]: json } = asked;
  if (json !== undefined && content !== undefined) {
    return `: ${name} and ${textName} are mutually exclusive.`;
  }
  const isText = json !== undefined;
  const problem = isText
    ? problemOfJson(json, rules)
    : problemOfBody(content, rules);
  return problem === undefined
    ? undefined
    : `.${isText ? textName : name}${problem}`;
}

function problemOfBody(
  body: unknown,
  { isRewritten }: OperationRules,
): string | undefined {
  if (!isObject(body)) {
    return " must be an object.";
  }
  switch (excessOf(body, isRewritten ? MAX_NAME_LENGTH : Infinity)) {
    case "depth":
      return ` must be ${tooDeepText}.`;
    case "name":
      return `: a name is longer than ${MAX_NAME_LENGTH} characters.`;
    default:
      return undefined;
  }
}

function problemOfJson(
  json: unknown,
  { isRewritten }: OperationRules,
): string | undefined {
  if (typeof json !== "string") {
    return " must be a string with a JSON object.";
  }
  if (!isUnicode(json)) {
    return " must be well-formed Unicode.";
  }
  const error = findJsonError(json, {
    maxDepth: REQUEST_LIMITS.itemDepth.value,
    isRewritten,
    hasUniqueNames: true,
  });
  return error === undefined ? undefined : `: ${error}.`;
}

/**
 * An atomic batch may name each document only once.
 *
 * @param firstOf the first entry for each address so far; this entry is added
 */
export function validateRepeat(
  entry: NamedEntry,
  firstOf: Map<string, EntryPlace>,
): Failure | undefined {
  const { collection, asked } = entry;
  const { _id } = asked as AskedDocument;
  if (_id === undefined || _id === null) {
    return undefined;
  }
  const address = `${collection}/${_id}`;
  const first = firstOf.get(address);
  if (first !== undefined) {
    return invalidItem(
      `${placeOf(entry)}._id: an atomic batch may have each id only once, and ${placeOf(first)} has this one.`,
    );
  }
  firstOf.set(address, entry);
  return undefined;
}

/** Any of these problems would make the engine reject the whole bulk. */
function problemOfCondition(
  op: OperationName,
  { ifAbsent, ifSeqNo, ifPrimaryTerm }: Record<string, unknown>,
  rules: OperationRules,
): string | undefined {
  if (ifAbsent !== undefined && !rules.allowsIfAbsent) {
    return `.ifAbsent: ${articleOf(op)} ${op} has no such condition.`;
  }
  if (ifAbsent !== undefined && typeof ifAbsent !== "boolean") {
    return ".ifAbsent must be true or false.";
  }
  if (ifSeqNo === undefined && ifPrimaryTerm === undefined) {
    return undefined;
  }
  if (!rules.allowsCondition) {
    return `: ${articleOf(op)} ${op} has no condition ifSeqNo.`;
  }
  if (ifSeqNo === undefined || ifPrimaryTerm === undefined) {
    return ": ifSeqNo and ifPrimaryTerm must be used together.";
  }
  if (ifAbsent === true) {
    return ": ifAbsent and ifSeqNo are mutually exclusive.";
  }
  if (!isCount(ifSeqNo, 0)) {
    return ".ifSeqNo must be a whole number, 0 or above.";
  }
  if (!isCount(ifPrimaryTerm, 1)) {
    return ".ifPrimaryTerm must be a whole number, 1 or above.";
  }
  return undefined;
}

function articleOf(op: OperationName): string {
  return op.startsWith("u") ? "an" : "a";
}

function isCount(value: unknown, minimum: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= minimum;
}
