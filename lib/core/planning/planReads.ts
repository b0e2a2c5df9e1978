import type { Address } from "../../types";
import type { GetCommand, RequestedDocument } from "../commands";

/** What is to be looked up, and which look-ups answer which question. */
export interface ReadPlan {
  /** every address once */
  readonly addresses: readonly Address[];
  /** in the request's order, each once */
  readonly documents: readonly PlannedDocument[];
  /** a look-up may answer several questions */
  readonly isShared: boolean;
  readonly duplicates: number;
}

export interface PlannedDocument {
  readonly asked: RequestedDocument;
  /** positions in `addresses` */
  readonly reads: readonly number[];
}

export function planReads({
  asked,
  collections,
}: Pick<GetCommand, "asked" | "collections">): ReadPlan {
  const addresses: Address[] = [];
  const lookupByAddress = new Map<string, number>();
  const documents: PlannedDocument[] = [];
  const seen = new Set<string>();
  // else each address has but one question, and need not be looked for
  const isShared =
    asked.some(({ collection }) => collection === undefined) &&
    asked.some(({ collection }) => collection !== undefined);
  let duplicates = 0;

  function lookUp(collection: string, _id: string): number {
    if (!isShared) {
      return addresses.push({ collection, _id }) - 1;
    }
    const key = addressKey(collection, _id);
    const known = lookupByAddress.get(key);
    if (known !== undefined) {
      return known;
    }
    lookupByAddress.set(key, addresses.length);
    return addresses.push({ collection, _id }) - 1;
  }

  for (const question of asked) {
    const key = addressKey(question.collection ?? "", question._id);
    if (seen.has(key)) {
      duplicates++;
      continue;
    }
    seen.add(key);
    const where =
      question.collection === undefined ? collections : [question.collection];
    documents.push({
      asked: question,
      reads: where.map((collection) => lookUp(collection, question._id)),
    });
  }
  return { addresses, documents, isShared, duplicates };
}

/** No collection name holds a NUL, and an unnamed one is the empty string. */
function addressKey(collection: string, _id: string): string {
  return `${collection}\0${_id}`;
}
