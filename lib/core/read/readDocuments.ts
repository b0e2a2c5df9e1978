import type { Address, Failure } from "../../types";
import { RawSource } from "../RawSource";
import type { SourceSelection } from "../commands";
import type { StoredDocument } from "../documents";
import { groupBy } from "../groupBy";
import { TooDeep } from "../jsonBytes";
import { NOT_JSON, REMOVED_BY_PIPE, type Outcome } from "../outcome";
import {
  fetchDocuments,
  sourceBytes,
  type FetchContext,
  type ReadOutcome,
} from "./fetchDocuments";
import { giveTurn } from "../turns";
import { assertNotTooDeep, isForEngine, SourceMask } from "./sourceMask";

/**
 * Runs between the engine and the caller. Both methods see one collection at a time,
 * and may throw to make the whole request fail.
 */
export interface ReadHooks {
  /** `after` needs the full sources, whatever the caller requested */
  readonly seesDocuments: boolean;
  /** @returns the ids that may be read */
  before(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlySet<string>>;
  /**
   * @param documents whose sources may still be text
   * @returns the documents that may be shown, possibly changed
   */
  after(
    collection: string,
    documents: readonly StoredDocument[],
    missing: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>>;
}

export interface ReadResult {
  /** parallel to the addresses; undefined if the budget was used up before */
  readonly outcomes: readonly (ReadOutcome | undefined)[];
  /**
   * approximate size of what the engine sent; undefined if hooks may have changed it
   */
  readonly bytes: number | undefined;
}

export interface ReadContext extends FetchContext {
  readonly hooks: ReadHooks | undefined;
}

/**
 * Reads documents from the engine and runs the hooks before and after.
 *
 * @param budgetBytes as in `fetchDocuments`, like `atLeast`
 */
export async function readDocuments(
  addresses: readonly Address[],
  context: ReadContext,
  budgetBytes: number,
  atLeast = 0,
): Promise<ReadResult> {
  const { hooks, source } = context;
  const isSeen = hooks?.seesDocuments === true;
  const isMaskedHere = isSeen || !isForEngine(source);
  const allowed = hooks && (await runBeforeHooks(addresses, hooks));
  const admitted: number[] = [];
  addresses.forEach(({ collection, _id }, position) => {
    if (allowed === undefined || allowed.get(collection)?.has(_id) === true) {
      admitted.push(position);
    }
  });

  const answer = await fetchDocuments(
    addresses,
    admitted,
    isMaskedHere ? { ...context, source: { kind: "all" } } : context,
    budgetBytes,
    atLeast,
  );
  const outcomes = [...answer.outcomes];
  if (hooks !== undefined) {
    const isAdmitted = new Set(admitted);
    addresses.forEach((_, position) => {
      if (!isAdmitted.has(position)) {
        outcomes[position] = { ok: false, failure: REMOVED_BY_PIPE };
      }
    });
    if (isSeen) {
      failTooDeep(outcomes);
      await runAfterHooks(addresses, outcomes, hooks);
    }
  }
  if (isMaskedHere) {
    await maskAll(outcomes, source);
  }
  // the documents have not been measured after the mask
  return { outcomes, bytes: isMaskedHere ? undefined : answer.bytes };
}

/** Each address with its position in the list. */
function byCollection(
  addresses: readonly Address[],
): Map<string, Array<Address & { readonly position: number }>> {
  return groupBy(
    addresses.map((address, position) => ({ ...address, position })),
    ({ collection }) => collection,
  );
}

async function runBeforeHooks(
  addresses: readonly Address[],
  hooks: ReadHooks,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const allowed = new Map<string, ReadonlySet<string>>();
  await Promise.all(
    [...byCollection(addresses)].map(async ([collection, group]) => {
      const ids = group.map(({ _id }) => _id);
      allowed.set(collection, await hooks.before(collection, ids));
    }),
  );
  return allowed;
}

async function runAfterHooks(
  addresses: readonly Address[],
  outcomes: Array<ReadOutcome | undefined>,
  hooks: ReadHooks,
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
      const shown = await hooks.after(
        collection,
        found.map(({ document }) => document),
        missing,
      );
      for (const { position, document } of found) {
        const kept = shown.get(document._id);
        outcomes[position] =
          kept === undefined
            ? { ok: false, failure: REMOVED_BY_PIPE }
            : { ok: true, value: kept };
      }
    }),
  );
}

/** About 20 ms of work, or 50 if a document consists only of names. */
const BYTES_PER_TURN = 500_000;

/** The mask comes last, so that pipes can decide by fields that were not requested. */
async function maskAll(
  outcomes: Array<ReadOutcome | undefined>,
  source: SourceSelection,
): Promise<void> {
  if (source.kind === "all") {
    return;
  }
  const mask = source.kind === "none" ? undefined : new SourceMask(source);
  let bytes = 0;
  for (const [position, outcome] of outcomes.entries()) {
    if (outcome?.ok !== true || outcome.value?._source === undefined) {
      continue;
    }
    const { _source, ...rest } = outcome.value;
    if (mask === undefined) {
      outcomes[position] = { ok: true, value: rest };
      continue;
    }
    const left = outcomeOf(() => mask.cut(_source));
    outcomes[position] = left.ok
      ? {
          ok: true,
          value: {
            ...rest,
            _source:
              _source instanceof RawSource ? left.value : left.value.parse(),
          },
        }
      : left;
    bytes += sourceBytes(_source);
    if (bytes > BYTES_PER_TURN) {
      bytes = 0;
      await giveTurn();
    }
  }
}

/** Hooks get documents parsed, and may recurse into them. */
function failTooDeep(outcomes: Array<ReadOutcome | undefined>): void {
  for (const [position, outcome] of outcomes.entries()) {
    if (outcome?.ok === true && outcome.value?._source !== undefined) {
      const { _source } = outcome.value;
      const depth = outcomeOf(() => assertNotTooDeep(_source));
      if (!depth.ok) {
        outcomes[position] = depth;
      }
    }
  }
}

/** The outcome for a source that may be too deep or not JSON. */
function outcomeOf<Value>(work: () => Value): Outcome<Value> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof TooDeep) {
      return { ok: false, failure: TOO_DEEP };
    }
    if (error instanceof SyntaxError) {
      return { ok: false, failure: NOT_JSON };
    }
    throw error;
  }
}

const TOO_DEEP: Failure = {
  status: 400,
  code: "other",
  reason:
    "The document is nested too deeply for a mask or for a pipe of the application.",
  retryable: false,
};
