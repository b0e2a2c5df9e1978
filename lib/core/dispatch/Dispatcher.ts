import type { Refresh } from "../commands";
import { Lane, type LaneClock } from "./Lane";

export interface DispatchSettings {
  readonly minConcurrency: number;
  readonly maxConcurrency: number;
  readonly maxQueueMs: number;
  readonly readChunkDocuments: number;
  readonly writeChunkDocuments: number;
  readonly writeChunkBytes: number;
}

export type LaneName = "read" | "write" | "write_refresh";

/**
 * A call that waits for a refresh takes up to a second, during which the engine does
 * nothing for it. Its duration therefore says nothing about load, and only a few in
 * parallel would be too few.
 */
const REFRESH = { min: 10, max: 100, patienceMs: 20 } as const;

/**
 * With fewer, Elasticsearch is idle while responses are read here; with more, there is
 * less to merge. `npm run bench -- --ablation` shows the effect of 2 and 8.
 */
const CALLS_BEFORE_MERGING = 4;

/**
 * All calls to the engine about documents, in lanes so that none has to wait for calls
 * of another kind.
 *
 * A lane has one limit for all nodes of the engine. Kuzzle's client chooses the
 * coordinating node after the call has left its lane, and the duration depends on the
 * nodes that hold its shards, so limits per coordinating node would be useless.
 * Documents on a slow node are recognized by their collection.
 */
export class Dispatcher {
  readonly reads: Lane;
  readonly writes: Lane;
  /** writes that wait for a refresh */
  readonly refreshes: Lane;

  constructor(settings: DispatchSettings, clock: LaneClock) {
    const common = {
      maxQueueMs: settings.maxQueueMs,
      callsBeforeMerging: CALLS_BEFORE_MERGING,
    };
    const bounds = {
      min: settings.minConcurrency,
      max: settings.maxConcurrency,
    };
    const readMerge = {
      maxSize: settings.readChunkDocuments,
      maxBytes: Infinity,
    };
    const writeMerge = {
      maxSize: settings.writeChunkDocuments,
      maxBytes: settings.writeChunkBytes,
    };
    this.reads = new Lane({ ...common, ...bounds, merge: readMerge }, clock);
    this.writes = new Lane({ ...common, ...bounds, merge: writeMerge }, clock);
    this.refreshes = new Lane(
      { ...common, ...REFRESH, merge: writeMerge },
      clock,
    );
  }

  /** by their names in metrics */
  get lanes(): Readonly<Record<LaneName, Lane>> {
    return {
      read: this.reads,
      write: this.writes,
      write_refresh: this.refreshes,
    };
  }

  laneOf(refresh: Refresh): Lane {
    return refresh === "false" ? this.writes : this.refreshes;
  }
}
