import { findJsonError } from "../../core/validation/jsonObject";
import { REQUEST_LIMITS } from "../../limits";
import type { WriteKind } from "../../kuzzle/events/writeHooks";
import type { Failure, OperationName, Source } from "../../types";
import {
  invalidItem,
  isObject,
  isTooDeep,
  isUnicode,
  tooDeepText,
  validateId,
} from "../../core/validation/items";

/** What is asked of the documents of an operation. */
interface OperationRules {
  /** a missing `_id` is given one */
  readonly assignsIds: boolean;
  /** the engine parses what is sent, and writes it anew */
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

/** What is to be done with an entry, before its document is looked at. */
export interface NamedEntry extends WriteKind {
  /** of the document in the request */
  readonly place: string;
  readonly asked: unknown;
  readonly isNamed?: true;
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

/** Why an entry can't be carried out as it is, if so. */
export function validateEntry({
  op,
  asked,
  place,
}: NamedEntry): Failure | undefined {
  if (!isObject(asked)) {
    return invalidItem(`${place} must be an object.`);
  }
  const rules = RULES[op];
  const { _id, _source } = asked;
  if (_source !== undefined) {
    return invalidItem(`${place}._source: use "body" instead.`);
  }
  const isAssigned = rules.assignsIds && (_id === undefined || _id === null);
  const ofId = isAssigned ? undefined : validateId(_id, `${place}._id`);
  if (ofId !== undefined) {
    return ofId;
  }
  return (
    validateContent(op, asked, place, rules) ??
    validateCondition(op, asked, place, rules)
  );
}

function validateContent(
  op: OperationName,
  asked: Record<string, unknown>,
  place: string,
  rules: OperationRules,
): Failure | undefined {
  switch (op) {
    case "delete":
      return undefined;
    case "upsert":
      return (
        validateTextOrObject(asked, "changes", "json", place, rules) ??
        (isGiven(asked.default) || isGiven(asked.defaultJson)
          ? validateTextOrObject(asked, "default", "defaultJson", place, rules)
          : undefined)
      );
    default:
      return validateTextOrObject(asked, "body", "json", place, rules);
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function validateTextOrObject(
  asked: Record<string, unknown>,
  name: string,
  textName: string,
  place: string,
  rules: OperationRules,
): Failure | undefined {
  const { [name]: content, [textName]: json } = asked;
  if (json === undefined) {
    return validateBody(content, `${place}.${name}`);
  }
  return content === undefined
    ? validateJson(json, `${place}.${textName}`, rules)
    : invalidItem(`${place}: ${name} and ${textName} are mutually exclusive.`);
}

function validateBody(body: unknown, place: string): Failure | undefined {
  if (!isObject(body)) {
    return invalidItem(`${place} must be an object.`);
  }
  return isTooDeep(body)
    ? invalidItem(`${place} must be ${tooDeepText}.`)
    : undefined;
}

function validateJson(
  json: unknown,
  place: string,
  { isRewritten }: OperationRules,
): Failure | undefined {
  if (typeof json !== "string") {
    return invalidItem(`${place} must be a string, the JSON of an object.`);
  }
  if (!isUnicode(json)) {
    return invalidItem(`${place} must be text in Unicode.`);
  }
  const error = findJsonError(json, {
    maxDepth: REQUEST_LIMITS.itemDepth.value,
    isRewritten,
    hasUniqueNames: true,
  });
  return error === undefined ? undefined : invalidItem(`${place}: ${error}.`);
}

/**
 * An atomic batch has each document once.
 *
 * @param firstOf the place of each address so far, to which this one is added
 */
export function validateRepeat(
  { collection, asked, place }: NamedEntry,
  firstOf: Map<string, string>,
): Failure | undefined {
  const { _id } = asked as AskedDocument;
  if (_id === undefined || _id === null) {
    return undefined;
  }
  const address = `${collection}/${_id}`;
  const first = firstOf.get(address);
  if (first !== undefined) {
    return invalidItem(
      `${place}._id: an atomic batch has each id once, and ${first} has this one.`,
    );
  }
  firstOf.set(address, place);
  return undefined;
}

/** Each of these would make the engine reject the whole bulk. */
function validateCondition(
  op: OperationName,
  { ifAbsent, ifSeqNo, ifPrimaryTerm }: Record<string, unknown>,
  place: string,
  rules: OperationRules,
): Failure | undefined {
  if (ifAbsent !== undefined && !rules.allowsIfAbsent) {
    return invalidItem(
      `${place}.ifAbsent: ${articleOf(op)} ${op} has no such condition.`,
    );
  }
  if (ifAbsent !== undefined && typeof ifAbsent !== "boolean") {
    return invalidItem(`${place}.ifAbsent must be true or false.`);
  }
  if (ifSeqNo === undefined && ifPrimaryTerm === undefined) {
    return undefined;
  }
  if (!rules.allowsCondition) {
    return invalidItem(
      `${place}: ${articleOf(op)} ${op} has no condition ifSeqNo.`,
    );
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

function articleOf(op: OperationName): string {
  return op.startsWith("u") ? "an" : "a";
}

function isCount(value: unknown, minimum: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= minimum;
}
