import type { Address } from "../../types";
import type { GetCommand, RequestedDocument } from "../commands";

/** What is to be read, and which reads belong to which requested document. */
export interface ReadPlan {
  /** every address once */
  readonly addresses: readonly Address[];
  /** in the request's order, each once */
  readonly documents: readonly PlannedDocument[];
  /** a read may serve several requested documents */
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
  const readOf = new Map<string, number>();
  const documents: PlannedDocument[] = [];
  const seen = new Set<string>();
  // else each address is requested once, and need not be searched for
  const isShared =
    asked.some(({ collection }) => collection === undefined) &&
    asked.some(({ collection }) => collection !== undefined);
  let duplicates = 0;

  function planRead(collection: string, _id: string): number {
    if (!isShared) {
      return addresses.push({ collection, _id }) - 1;
    }
    const key = addressKey(collection, _id);
    const known = readOf.get(key);
    if (known !== undefined) {
      return known;
    }
    readOf.set(key, addresses.length);
    return addresses.push({ collection, _id }) - 1;
  }

  for (const document of asked) {
    const key = addressKey(document.collection ?? "", document._id);
    if (seen.has(key)) {
      duplicates++;
      continue;
    }
    seen.add(key);
    const where =
      document.collection === undefined ? collections : [document.collection];
    documents.push({
      asked: document,
      reads: where.map((collection) => planRead(collection, document._id)),
    });
  }
  return { addresses, documents, isShared, duplicates };
}

/** No collection name holds a NUL, and an unnamed one is the empty string. */
function addressKey(collection: string, _id: string): string {
  return `${collection}\0${_id}`;
}
