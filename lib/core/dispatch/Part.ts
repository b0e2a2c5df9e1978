import type { Address } from "../../types";
import type { EngineAnswer } from "../ports/DocumentStore";
import type { RequestStats } from "../RequestStats";

/** Items of one request that go to the engine together. */
export interface Part<Chunk = unknown, Value = unknown> {
  readonly chunk: Chunk;
  /** how many items the chunk has, and about how large they are */
  readonly size: number;
  readonly bytes: number;
  /** the collections that it is about, which are only asked for where one is slow */
  places(): readonly string[];
  /**
   * Parts of the same kind may share a call: any of them can send the chunks of
   * all. Undefined: it has to go alone.
   */
  readonly kind: string | undefined;
  /** of the request, which they stand for: requests take turns */
  readonly stats: RequestStats;
  /**
   * Sends chunks in one call; answers by the position of their items.
   *
   * @throws {EngineError} when the call as a whole failed
   */
  send(chunks: readonly Chunk[]): Promise<EngineAnswer<Value>>;
}

/** A part that waits for its answer. */
export interface Waiting {
  readonly part: Part;
  /** by the clock, in milliseconds */
  readonly queuedAt: number;
  /** goes with these alone, since one of them spoils calls; by a name of its own */
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
