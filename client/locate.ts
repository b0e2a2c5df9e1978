import type { FoundDocument, Stats } from "../lib/types";
import { BatchError } from "./BatchError";
import type { Address, AskedDocument, GetError } from "./types";

/** One document that is asked for, at its place in the caller's list. */
export interface Question {
  readonly position: number;
  readonly asked: AskedDocument;
}

export interface Located<Value> {
  readonly position: number;
  readonly value: Value;
}

/** What one request came to; positions are the caller's. */
export interface Round {
  readonly documents: readonly Located<FoundDocument>[];
  readonly notFound: readonly Located<string | Address>[];
  readonly errors: readonly GetError[];
  /** to be asked again */
  readonly unprocessed: readonly Question[];
  readonly stats: Stats;
}

/** An answer as the server gives it: documents have no position. */
export interface GetAnswer {
  readonly documents: readonly FoundDocument[];
  readonly not_found: readonly (string | Address)[];
  readonly errors: readonly GetError[];
  readonly unprocessed: readonly AskedDocument[];
  readonly stats: Stats;
}

/**
 * Finds for each entry of an answer the question that it answers.
 *
 * @param collection of the questions that name none
 * @throws {BatchError} `batch.client.answer_invalid` unless each question has an answer
 */
export function locate(
  answer: GetAnswer,
  questions: readonly Question[],
  collection: string | undefined,
): Round {
  const byKey = new Map<string, Question>();
  for (const question of questions) {
    const key = questionKey(question.asked, collection);
    if (key !== undefined) byKey.set(key, question);
  }
  const answered = new Set<number>();
  const find = (entry: string | Partial<Address>): Question => {
    const question = earliest(
      byKey.get(keyOf(entry)),
      byKey.get(keyOf(asAddress(entry)._id as string)),
    );
    if (question === undefined) {
      throw notOurs(`${JSON.stringify(entry)}, which was not asked for`);
    }
    answered.add(question.position);
    return question;
  };
  const errors = answer.errors.map((each) => {
    const position = questions[each.position]?.position;
    if (position === undefined) {
      throw notOurs(`an error of place ${each.position}`);
    }
    answered.add(position);
    return { ...each, position };
  });
  const documents = answer.documents.map(({ _id, collection, ...rest }) => ({
    value: { _id, collection, ...rest },
    position: find({ _id, collection }).position,
  }));
  const notFound = answer.not_found.map((each) => {
    const { asked, position } = find(each);
    return { value: typeof asked === "string" ? asked : each, position };
  });
  const unprocessed = answer.unprocessed.map((each) => find(each));

  if (answered.size !== questions.length) {
    throw notOurs(`${answered.size} of ${questions.length} documents`);
  }
  const { stats } = answer;
  return { documents, notFound, errors, unprocessed, stats };
}

/** The same for the same document; undefined for what is no id. */
export function questionKey(
  asked: AskedDocument,
  collection: string | undefined,
): string | undefined {
  const { _id, collection: own = collection } = asAddress(asked);
  const isName = own === undefined || typeof own === "string";
  return typeof _id === "string" && isName
    ? keyOf({ _id, ...(own !== undefined && { collection: own }) })
    : undefined;
}

/** Whatever the caller has asked for, as the entry of a list. */
export function asAddress(asked: unknown): {
  readonly _id: unknown;
  readonly collection?: string;
} {
  if (typeof asked !== "object" || asked === null) {
    return { _id: asked };
  }
  const { _id, collection } = asked as Address;
  return { _id, ...(collection !== undefined && { collection }) };
}

/** No collection's name holds a NUL, and an unnamed one is the empty string. */
function keyOf(entry: string | Partial<Address>): string {
  return typeof entry === "string"
    ? `\0${entry}`
    : `${entry.collection ?? ""}\0${entry._id}`;
}

/** A document may be asked for by its address, and by its id in all collections. */
function earliest(
  one: Question | undefined,
  other: Question | undefined,
): Question | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  return one.position < other.position ? one : other;
}

function notOurs(what: string): BatchError<never> {
  return new BatchError(
    `An answer tells of ${what}: is it kuzzle-plugin-batch that has answered?`,
    { id: "batch.client.answer_invalid", status: 0 },
  );
}
