import type { FoundDocument, Stats } from "../../lib/types";
import { BatchError } from "../errors/BatchError";
import type { Address, RequestedDocument, GetError } from "../types";

/** A requested document, at its position in the caller's list. */
export interface PositionedDocument {
  readonly position: number;
  readonly requested: RequestedDocument;
}

export interface Located<Value> {
  readonly position: number;
  readonly value: Value;
}

/** The outcome of one request; positions are the caller's. */
export interface GetRound {
  readonly documents: readonly Located<FoundDocument>[];
  readonly notFound: readonly Located<string | Address>[];
  readonly errors: readonly GetError[];
  /** positions with a result, here or at another position of the same document */
  readonly done: ReadonlySet<number>;
  /** documents to request again */
  readonly unprocessed: readonly PositionedDocument[];
  readonly stats: Stats;
}

/** A response of the server. Its documents have no positions. */
export interface GetResponse {
  readonly documents: readonly FoundDocument[];
  readonly not_found: readonly (string | Address)[];
  readonly errors: readonly GetError[];
  readonly unprocessed: readonly RequestedDocument[];
  readonly stats: Stats;
}

/**
 * Finds the requested document to which each entry of a response belongs.
 *
 * @param collection collection of requested documents that name none
 * @throws {BatchError} `batch.client.answer_invalid` unless each document has a result
 */
export function locate(
  answer: GetResponse,
  requested: readonly PositionedDocument[],
  collection: string | undefined,
): GetRound {
  const byKey = new Map<string, PositionedDocument>();
  for (const document of requested) {
    const key = documentKey(document.requested, collection);
    if (key !== undefined) byKey.set(key, document);
  }
  const answered = new Set<number>();
  const exactly = (entry: string | Address): PositionedDocument => {
    const document = byKey.get(keyOf(entry));
    if (document === undefined) throw notRequested(entry);
    answered.add(document.position);
    return document;
  };
  /**
   * A document may be requested both by address and by id: the response has it once, at
   * the first of these positions.
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
    if (places.length === 0) throw notRequested({ _id, collection });
    return { value, position: Math.min(...places) };
  });
  const errors = answer.errors.map((each) => {
    const position = requested[each.position]?.position;
    if (position === undefined) {
      throw invalidResponse(`an error at position ${each.position}`);
    }
    answered.add(position);
    everywhere(asAddress(each) as Partial<Address>);
    return { ...each, position };
  });
  const notFound = answer.not_found.map((each) => {
    const { requested, position } = exactly(each);
    return {
      value: typeof requested === "string" ? requested : each,
      position,
    };
  });
  const unprocessed = answer.unprocessed.map((each) =>
    exactly(each as string | Address),
  );

  if (answered.size !== requested.length) {
    throw invalidResponse(`${answered.size} of ${requested.length} documents`);
  }
  if (requested.length > 0 && unprocessed.length === requested.length) {
    throw invalidResponse("no document at all"); // requesting it again would loop forever
  }
  for (const { position } of unprocessed) answered.delete(position);
  const { stats } = answer;
  return { documents, notFound, errors, unprocessed, done: answered, stats };
}

/** Equal for equal documents; undefined for an invalid id. */
export function documentKey(
  requested: RequestedDocument,
  collection: string | undefined,
): string | undefined {
  const { _id, collection: own = collection } = asAddress(requested);
  const isName = own === undefined || typeof own === "string";
  return typeof _id === "string" && isName
    ? keyOf({ _id, ...(own !== undefined && { collection: own }) })
    : undefined;
}

/** Whatever the caller requested, as an entry of a list. */
export function asAddress(requested: unknown): {
  readonly _id: unknown;
  readonly collection?: string;
} {
  if (typeof requested !== "object" || requested === null) {
    return { _id: requested };
  }
  const { _id, collection } = requested as Address;
  return { _id, ...(collection !== undefined && { collection }) };
}

/** No collection name contains a NUL, and a missing one is the empty string. */
function keyOf(entry: string | Partial<Address>): string {
  return typeof entry === "string"
    ? `\0${entry}`
    : `${entry.collection ?? ""}\0${entry._id}`;
}

function notRequested(entry: unknown): BatchError<never> {
  return invalidResponse(`${JSON.stringify(entry)}, which was not requested`);
}

function invalidResponse(what: string): BatchError<never> {
  return new BatchError(
    `A response names ${what}: does it come from kuzzle-plugin-batch?`,
    { id: "batch.client.answer_invalid", status: 0 },
  );
}
