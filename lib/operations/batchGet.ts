import assert from "node:assert";

import type {
  Address,
  AskedDocument,
  FoundDocument,
  GetCommand,
  GetError,
  GetResult,
  Settled,
  StoredDocument,
} from "../types";
import type { Engine } from "./engine";
import { planChunks } from "./plan";
import { settle } from "./settle";
import { newTally, roundTally } from "./tally";

type Lookup = Settled<StoredDocument | null>;

/** What is to be looked up, and which look-ups answer which question. */
interface LookupPlan {
  /** every address once */
  readonly addresses: readonly Address[];
  readonly questions: readonly Question[];
  readonly duplicates: number;
}

interface Question {
  readonly asked: AskedDocument;
  /** positions in `addresses` */
  readonly lookups: readonly number[];
}

/**
 * Looks documents up in one index, in the collection that each names or in all
 * of `command.collections`.
 *
 * Tells found from not found (the engine answered so, everywhere) from failed.
 */
export async function batchGet(
  command: GetCommand,
  engine: Engine,
): Promise<GetResult> {
  const startedAt = engine.clock.now();
  const tally = newTally();
  const plan = planLookups(command);
  const positions = plan.addresses.map((_, position) => position);

  const lookups = await settle<Address, StoredDocument | null>(
    plan.addresses,
    {
      chunks: planChunks(positions, () => 0, {
        maxCount: engine.limits.readChunkDocuments,
        maxBytes: Infinity,
      }),
      send: (addresses) =>
        engine.store.getMany(command.index, addresses, command.source),
    },
    engine,
    tally,
  );
  const lists = mergeLookups(command, plan, lookups as Lookup[]);

  return {
    ...lists,
    unprocessed: [],
    stats: {
      requested: command.requested,
      unique: command.requested - plan.duplicates,
      duplicates: plan.duplicates,
      found: lists.documents.length,
      notFound: lists.missing.length,
      errors: lists.errors.length,
      ...roundTally(tally),
      tookMs: Math.round(engine.clock.now() - startedAt),
    },
  };
}

function planLookups({ asked, collections }: GetCommand): LookupPlan {
  const addresses: Address[] = [];
  const lookupByAddress = new Map<string, number>();
  const questions: Question[] = [];
  const seen = new Set<string>();
  let duplicates = 0;

  function lookUp(collection: string, _id: string): number {
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
    questions.push({
      asked: question,
      lookups: where.map((collection) => lookUp(collection, question._id)),
    });
  }
  return { addresses, questions, duplicates };
}

/** No collection name holds a NUL, and an unnamed one is the empty string. */
function addressKey(collection: string, _id: string): string {
  return `${collection}\0${_id}`;
}

function mergeLookups(
  command: GetCommand,
  plan: LookupPlan,
  lookups: readonly Lookup[],
): Pick<GetResult, "documents" | "missing" | "errors"> {
  const documents: FoundDocument[] = [];
  const missing: AskedDocument[] = [];
  const errors: GetError[] = command.defects.map(
    ({ asked, failure, position }) => ({ _id: asked, position, ...failure }),
  );
  // two questions can lead to one address: it is answered at the first
  const told = new Set<number>();

  for (const { asked, lookups: positions } of plan.questions) {
    let isMissing = true;
    for (const position of positions) {
      const lookup = lookups[position] as Lookup;
      if (lookup.ok && lookup.value === null) {
        continue;
      }
      isMissing = false;
      if (told.has(position)) {
        continue;
      }
      told.add(position);
      const { collection } = plan.addresses[position] as Address;
      if (lookup.ok) {
        documents.push({
          index: command.index,
          collection,
          ...(lookup.value as StoredDocument),
        });
      } else {
        errors.push({
          _id: asked._id,
          collection,
          position: asked.position,
          ...lookup.failure,
        });
      }
    }
    if (isMissing) {
      missing.push(asked);
    }
    assert(
      isMissing || positions.some((position) => told.has(position)),
      `documents[${asked.position}] has no answer`,
    );
  }
  errors.sort((a, b) => a.position - b.position);

  return { documents, missing, errors };
}
