/**
 * A recorded history of many clients' writes and reads. Each write has a unique value, so
 * that a read tells whose write it sees.
 */

import type { Action } from "../../support/actions";

/** What the response says about a write; without a response it is unknown. */
export type Outcome = "acknowledged" | "refused" | "unknown";

/** In milliseconds of a single clock. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** From request to response. */
interface Event extends Period {
  readonly _id: string;
}

export interface WriteEvent extends Event {
  readonly action: Action;
  /** a replacement leaves nothing of the document, an update adds its value to it */
  readonly kind: "replace" | "update";
  /** undefined: the replacement deletes the document */
  readonly value: string | undefined;
  readonly outcome: Outcome;
  /** for the writes of an atomic batch */
  readonly batch?: string;
}

export interface ReadEvent extends Event {
  /** of the last replacement; undefined if the document does not exist */
  readonly value: string | undefined;
  /** the values of the updates since */
  readonly updates: readonly string[];
  readonly version?: number;
  /** nothing was in flight any more */
  readonly isFinal?: true;
}

export interface History {
  readonly writes: readonly WriteEvent[];
  readonly reads: readonly ReadEvent[];
  /**
   * When a node of the engine died: calls in flight are sent to another copy, which may
   * already have applied them
   */
  readonly failovers?: readonly Period[];
}

export const VIOLATIONS = {
  lost: "an acknowledged write is not there in the end",
  stale: "a read goes back behind what was acknowledged, or read, before it",
  untrue: "what an answer calls not written is read",
  invented: "a value is read that nobody has written yet",
  torn: "a part of an atomic batch is there, and a part is not",
  miscounted: "the version is not the number of writes",
} as const;

export interface Violation {
  readonly kind: keyof typeof VIOLATIONS;
  readonly _id: string;
  /** that of the write concerned; batchGet if only a read is concerned */
  readonly action: Action;
  readonly details: string;
}
