import {
  sourceOf,
  type Address,
  type Failure,
  type Outcome,
  type SourceSelection,
  type StoredDocument,
} from "../types";
import type { Engine } from "./engine";
import { planReads } from "./planReads";
import { settle } from "./settle";
import { maskSource } from "./sourceMask";
import type { Tally } from "./tally";

export type LookupOutcome = Outcome<StoredDocument | null>;

/**
 * What stands between the engine and the caller. Both methods see one
 * collection at a time, and may throw to make the whole request fail.
 */
export interface ReadGuard {
  /** `after` decides on full sources, whatever the caller asked for */
  readonly seesDocuments: boolean;
  /** @returns the ids that may be read on */
  before(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlySet<string>>;
  /** @returns the documents that may be shown, changed as they are to be */
  after(
    collection: string,
    documents: readonly StoredDocument[],
    missing: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>>;
}

/** Where and how documents are looked up, for one request. */
export interface LookupContext {
  readonly index: string;
  readonly source: SourceSelection;
  readonly isRaw: boolean;
  readonly guard: ReadGuard | undefined;
  readonly engine: Engine;
  readonly tally: Tally;
}

export interface LookupAnswer {
  /** parallel to the addresses; undefined where the budget was used up before */
  readonly outcomes: readonly (LookupOutcome | undefined)[];
  /** about what the engine sent; undefined when it did not tell */
  readonly bytes: number | undefined;
}

const FORBIDDEN: Failure = {
  status: 403,
  code: "forbidden",
  reason: "A pipe of this Kuzzle has taken the document away.",
  retryable: false,
};

/**
 * Asks the engine for addresses, past the guard both ways.
 *
 * @param budgetBytes no further call is begun when the answers so far are
 * larger, but for those that the first `atLeast` addresses need
 */
export async function lookUp(
  addresses: readonly Address[],
  context: LookupContext,
  budgetBytes: number,
  atLeast = 0,
): Promise<LookupAnswer> {
  const { guard } = context;
  const allowed = guard && (await askBefore(addresses, guard));
  const admitted: number[] = [];
  addresses.forEach(({ collection, _id }, position) => {
    if (allowed === undefined || allowed.get(collection)?.has(_id) === true) {
      admitted.push(position);
    }
  });

  const answer = await fetchChunks(
    addresses,
    admitted,
    context,
    (next, bytes) => bytes <= budgetBytes || next < atLeast,
  );
  const outcomes = [...answer.outcomes];
  if (guard !== undefined) {
    const isAdmitted = new Set(admitted);
    addresses.forEach((_, position) => {
      if (!isAdmitted.has(position)) {
        outcomes[position] = { ok: false, failure: FORBIDDEN };
      }
    });
    if (guard.seesDocuments) {
      await askAfter(addresses, outcomes, guard, context.source);
    }
  }
  // what pipes have made of the documents has not been measured
  const bytes = guard?.seesDocuments === true ? undefined : answer.bytes;
  return { outcomes, bytes };
}

// ------------------------------------------------------------ the engine

/**
 * As many calls side by side as the limiter lets through, begun in order, so
 * that what the budget leaves out is at the end.
 */
async function fetchChunks(
  addresses: readonly Address[],
  positions: readonly number[],
  { index, source, isRaw, guard, engine, tally }: LookupContext,
  goesOn: (next: number, bytes: number) => boolean,
): Promise<LookupAnswer> {
  const outcomes = new Array<LookupOutcome | undefined>(addresses.length);
  const chunks = planReads(
    addresses,
    positions,
    engine.limits.readChunkDocuments,
  );
  const isSeen = guard?.seesDocuments === true;
  const wanted: SourceSelection = isSeen ? { kind: "all" } : source;
  let bytes = 0;
  let isTold = true;
  let next = 0;

  const isWanted = (chunk: readonly number[] | undefined): boolean =>
    chunk !== undefined && goesOn(chunk[0] as number, bytes);

  async function fetchInTurn(): Promise<void> {
    while (isWanted(chunks[next])) {
      const chunk = chunks[next++] as readonly number[];
      const settled = await settle<Address, StoredDocument | null>(
        chunk.map((position) => addresses[position] as Address),
        {
          chunks: [[...chunk.keys()]],
          send: async (asked) => {
            const answer = await engine.store.getMany(
              index,
              asked,
              wanted,
              isRaw && !isSeen,
            );
            isTold &&= answer.bytes !== undefined;
            bytes += answer.bytes ?? measure(answer.outcomes);
            return answer;
          },
        },
        engine,
        tally,
      );
      chunk.forEach((position, i) => {
        outcomes[position] = settled[i];
      });
    }
  }

  const lanes = Math.min(chunks.length, engine.limiter.limit);
  await Promise.all(Array.from({ length: lanes }, fetchInTurn));
  return { outcomes, bytes: isTold ? bytes : undefined };
}

/** For an engine that does not tell how much it has sent. */
function measure(outcomes: readonly LookupOutcome[]): number {
  return Buffer.byteLength(JSON.stringify(outcomes));
}

// ------------------------------------------------------------- the guard

function byCollection(
  addresses: readonly Address[],
): Map<string, Array<{ readonly position: number; readonly _id: string }>> {
  const groups = new Map<string, Array<{ position: number; _id: string }>>();
  addresses.forEach(({ collection, _id }, position) => {
    const group = groups.get(collection) ?? [];
    group.push({ position, _id });
    groups.set(collection, group);
  });
  return groups;
}

async function askBefore(
  addresses: readonly Address[],
  guard: ReadGuard,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const allowed = new Map<string, ReadonlySet<string>>();
  await Promise.all(
    [...byCollection(addresses)].map(async ([collection, group]) => {
      const ids = group.map(({ _id }) => _id);
      allowed.set(collection, await guard.before(collection, ids));
    }),
  );
  return allowed;
}

/** The mask comes last, so that pipes decide by fields nobody asked for. */
async function askAfter(
  addresses: readonly Address[],
  outcomes: Array<LookupOutcome | undefined>,
  guard: ReadGuard,
  source: SourceSelection,
): Promise<void> {
  await Promise.all(
    [...byCollection(addresses)].map(async ([collection, group]) => {
      const found: Array<{ position: number; document: StoredDocument }> = [];
      const missing: string[] = [];
      for (const { position, _id } of group) {
        const outcome = outcomes[position];
        if (outcome?.ok === true && outcome.value !== null) {
          found.push({ position, document: outcome.value });
        } else if (outcome?.ok === true) {
          missing.push(_id);
        }
      }
      const shown = await guard.after(
        collection,
        found.map(({ document }) => document),
        missing,
      );
      for (const { position, document } of found) {
        const kept = shown.get(document._id);
        outcomes[position] =
          kept === undefined
            ? { ok: false, failure: FORBIDDEN }
            : { ok: true, value: masked(kept, source) };
      }
    }),
  );
}

function masked(
  document: StoredDocument,
  selection: SourceSelection,
): StoredDocument {
  const { _source, ...rest } = document;
  const source = sourceOf(document);
  const visible = source && maskSource(source, selection);
  return visible === undefined ? rest : { ...rest, _source: visible };
}
