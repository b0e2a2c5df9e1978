import type { Address } from "../../types";
import type { EngineAnswer } from "../ports/DocumentStore";
import type { RequestStats } from "../RequestStats";

/** Items of one request that go to the engine together. */
export interface Part<Chunk = unknown, Value = unknown> {
  readonly chunk: Chunk;
  /** the number of items in the chunk, and their approximate size */
  readonly size: number;
  readonly bytes: number;
  /** the collections involved; only called while one of them is slow */
  places(): readonly string[];
  /**
   * Parts of the same kind may share a call: any of them can send the chunks of all.
   * Undefined: the part needs a call of its own.
   */
  readonly kind: string | undefined;
  /** of the request; they also identify it, since requests take turns */
  readonly stats: RequestStats;
  /**
   * Sends chunks in one call; outcomes are by the position of their items.
   *
   * @throws {EngineError} when the call as a whole failed
   */
  send(chunks: readonly Chunk[]): Promise<EngineAnswer<Value>>;
}

/** A part that waits for its result. */
export interface Waiting {
  readonly part: Part;
  /** on the lane's clock, in milliseconds */
  readonly queuedAt: number;
  /**
   * the name of the group that it may share a call with, since one of them spoils calls
   */
  readonly suspects?: string;
  readonly resolve: (answer: EngineAnswer<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** @returns each collection once, with its index */
export function placesOf(
  index: string,
  addresses: readonly Address[],
): readonly string[] {
  const collections = new Set(addresses.map(({ collection }) => collection));
  return Array.from(collections, (collection) => `${index}/${collection}`);
}
