import _ from "lodash";

import type { Address } from "../../types";
import { RawSource } from "../RawSource";
import type { SourceSelection } from "../commands";
import type { StoredDocument } from "../documents";
import type { Outcome } from "../outcome";
import { placesOf } from "../dispatch/Part";
import type { ExecutionContext } from "../ExecutionContext";
import { planReadCalls } from "../planning/planReads";
import { sendCallWithRetries } from "../retry/sendWithRetries";
import type { RequestStats } from "../RequestStats";

export type ReadOutcome = Outcome<StoredDocument | null>;

/** What is read from the engine, and which request it counts for. */
export interface FetchContext {
  readonly index: string;
  readonly source: SourceSelection;
  /** sources stay as the engine sent them */
  readonly isRaw: boolean;
  /** the maximum number of reads in one call */
  readonly callSize: number;
  readonly execution: ExecutionContext;
  readonly requestStats: RequestStats;
}

export interface FetchResult {
  /** parallel to the addresses; undefined if the budget was used up before */
  readonly outcomes: readonly (ReadOutcome | undefined)[];
  /** approximate size of what the engine sent */
  readonly bytes: number;
}

/**
 * Reads addresses from the engine until it has sent about the allowed size.
 *
 * @param positions of the addresses that are wanted
 * @param budgetBytes once the responses exceed it, no further calls start. As many of
 *   the first addresses as fill the budget are then read in full, so that what was
 *   fetched is used
 * @param atLeast the first addresses, up to this number, are read in any case
 */
export async function fetchDocuments(
  addresses: readonly Address[],
  positions: readonly number[],
  context: FetchContext,
  budgetBytes: number,
  atLeast: number,
): Promise<FetchResult> {
  const { callSize } = context;
  const fetched = new Fetched(addresses, context);
  await fetched.add(
    planReadCalls(addresses, positions, callSize),
    () => fetched.bytes <= budgetBytes,
  );

  // each call was for one collection, so the missing addresses can be anywhere
  const reach = Math.max(atLeast, fetched.readsWithin(budgetBytes));
  const left = positions.filter(
    (position) => position < reach && fetched.outcomes[position] === undefined,
  );
  if (left.length > 0) {
    const allowed = fetched.bytes + budgetBytes;
    await fetched.add(
      _.chunk(left, callSize),
      ([first = 0]) => first < atLeast || fetched.bytes <= allowed,
    );
  }
  return {
    outcomes: fetched.outcomes,
    bytes: fetched.bytes,
  };
}

/** What the engine has sent so far. */
class Fetched {
  readonly outcomes: Array<ReadOutcome | undefined>;
  bytes = 0;
  private count = 0;
  private readonly kind: string;

  constructor(
    private readonly addresses: readonly Address[],
    private readonly context: FetchContext,
  ) {
    const { source, isRaw } = context;
    this.outcomes = new Array<ReadOutcome | undefined>(addresses.length);
    this.kind = `get ${isRaw} ${JSON.stringify(source)}`;
  }

  /** Estimates how many reads make up this many bytes, from those completed. */
  readsWithin(bytes: number): number {
    return Math.floor((this.count * bytes) / this.bytes);
  }

  /** Makes as many parallel calls as their lane allows, started in order. */
  async add(
    chunks: readonly (readonly number[])[],
    isWanted: (chunk: readonly number[]) => boolean,
  ): Promise<void> {
    let next = 0;
    const addInTurn = async (): Promise<void> => {
      for (;;) {
        const chunk = chunks[next];
        if (chunk === undefined || !isWanted(chunk)) {
          return;
        }
        next++;
        await this.call(chunk);
      }
    };
    const { limit } = this.context.execution.dispatcher.reads;
    const inTurn = Math.min(chunks.length, limit);
    await (inTurn === 1
      ? addInTurn()
      : Promise.all(Array.from({ length: inTurn }, addInTurn)));
  }

  private async call(chunk: readonly number[]): Promise<void> {
    const { index, source, isRaw, execution, requestStats } = this.context;
    const { dispatcher, store } = execution;
    const results = await sendCallWithRetries<Address, StoredDocument | null>(
      chunk.map((position) => this.addresses[position] as Address),
      {
        send: async (asked) => {
          const answer = await dispatcher.reads.send({
            chunk: { index, addresses: asked },
            size: asked.length,
            bytes: 0,
            places: () => placesOf(index, asked),
            kind: this.kind,
            stats: requestStats,
            send: (parts) => store.getMany(parts, source, isRaw),
          });
          this.bytes += answer.bytes ?? sizeOf(answer.outcomes);
          return answer;
        },
      },
      execution,
      requestStats,
    );
    chunk.forEach((position, i) => {
      this.outcomes[position] = results[i];
    });
    this.count += chunk.length;
  }
}

/** Generous estimate of a document's size in a response without its id and source. */
const ENVELOPE_BYTES = 512;

/** Approximate size of what the engine sent, for a call shared with other requests. */
function sizeOf(outcomes: readonly ReadOutcome[]): number {
  let bytes = 0;
  for (const outcome of outcomes) {
    if (outcome.ok && outcome.value !== null) {
      const { _id, _source } = outcome.value;
      bytes += ENVELOPE_BYTES + Buffer.byteLength(_id) + sourceBytes(_source);
    }
  }
  return bytes;
}

export function sourceBytes(source: StoredDocument["_source"]): number {
  if (source === undefined) {
    return 0;
  }
  return source instanceof RawSource
    ? source.length
    : Buffer.byteLength(JSON.stringify(source));
}
