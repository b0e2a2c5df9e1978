/** The requests of a round, and the documents that they find. */
import { isAtomic, type Call, type Kind, KINDS } from "./calls";
import type { Engine, Stored } from "./engine";

const CALLS_OF_A_KIND = 8;
const DOCUMENTS = 6;

/**
 * Every second document of an atomic batch exists before; of these, batchWrite deletes
 * every second one.
 */
export async function planCalls(
  number: number,
  engine: Engine,
): Promise<Call[]> {
  const idsOf = (kind: Kind, call: number): string[] =>
    Array.from(
      { length: DOCUMENTS },
      (_, i) => `${kind}-${number}-${call}-${i}`,
    );
  const isThere = (kind: Kind, i: number): boolean =>
    kind === "mUpdate" || (isAtomic(kind) && i % 2 === 0);

  const stored = new Map<string, object>();
  const planned = KINDS.flatMap((kind) =>
    Array.from({ length: CALLS_OF_A_KIND }, (_, call) => {
      const ids = idsOf(kind, call);
      ids
        .filter((__, i) => isThere(kind, i))
        .forEach((_id) => stored.set(_id, { was: _id }));
      return { kind, ids, isConditional: call % 2 === 0 };
    }),
  );
  await engine.store(stored);
  const found = await engine.read([...stored.keys()]);

  return shuffled(planned).map(({ kind, ids, isConditional }) => ({
    kind,
    before: new Map(ids.flatMap((_id) => entryOf(_id, found))),
    documents: ids.map((_id, i) => ({
      _id,
      body: { is: _id },
      ...(kind === "mWrite" && { ifAbsent: true as const }),
      ...(kind === "batchWrite" && i % 4 === 0 && { isDeleted: true as const }),
      ...(kind === "mUpdate" && isConditional && conditionOf(found.get(_id))),
    })),
  }));
}

function entryOf(
  _id: string,
  found: ReadonlyMap<string, Stored>,
): Array<[string, Stored]> {
  const stored = found.get(_id);
  return stored === undefined ? [] : [[_id, stored]];
}

function conditionOf(stored: Stored | undefined): object {
  return { ifSeqNo: stored?.seqNo, ifPrimaryTerm: stored?.term };
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
