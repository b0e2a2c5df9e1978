import type { FoundDocument, Stats } from "../../lib/types";
import { BatchError } from "../errors/BatchError";
import type { Address, AskedDocument, GetError } from "../types";

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
  /** places that are dealt with, here or at the other place of the same document */
  readonly settled: ReadonlySet<number>;
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
  const exactly = (entry: string | Address): Question => {
    const question = byKey.get(keyOf(entry));
    if (question === undefined) throw notAsked(entry);
    answered.add(question.position);
    return question;
  };
  /**
   * A document may be asked for by its address, and by its id in all collections:
   * what is told at the first of these places is not told at the other.
   */
  const everywhere = (address: Partial<Address>): number[] => {
    const places = [keyOf(address), keyOf(String(address._id))]
      .map((key) => byKey.get(key)?.position)
      .filter((position) => position !== undefined);
    places.forEach((position) => answered.add(position));
    return places;
  };

  const documents = answer.documents.map((value) => {
    const { _id, collection } = value;
    const places = everywhere({ _id, collection });
    if (places.length === 0) throw notAsked({ _id, collection });
    return { value, position: Math.min(...places) };
  });
  const errors = answer.errors.map((each) => {
    const position = questions[each.position]?.position;
    if (position === undefined) {
      throw notOurs(`an error of place ${each.position}`);
    }
    answered.add(position);
    everywhere(asAddress(each) as Partial<Address>);
    return { ...each, position };
  });
  const notFound = answer.not_found.map((each) => {
    const { asked, position } = exactly(each);
    return { value: typeof asked === "string" ? asked : each, position };
  });
  const unprocessed = answer.unprocessed.map((each) =>
    exactly(each as string | Address),
  );

  if (answered.size !== questions.length) {
    throw notOurs(`${answered.size} of ${questions.length} documents`);
  }
  if (questions.length > 0 && unprocessed.length === questions.length) {
    throw notOurs("no document at all"); // asking on would not end
  }
  for (const { position } of unprocessed) answered.delete(position);
  const { stats } = answer;
  return { documents, notFound, errors, unprocessed, settled: answered, stats };
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

function notAsked(entry: unknown): BatchError<never> {
  return notOurs(`${JSON.stringify(entry)}, which was not asked for`);
}

function notOurs(what: string): BatchError<never> {
  return new BatchError(
    `An answer tells of ${what}: is it kuzzle-plugin-batch that has answered?`,
    { id: "batch.client.answer_invalid", status: 0 },
  );
}
