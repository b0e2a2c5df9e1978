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
 * A call that waits for a refresh takes up to a second, in which the engine does
 * nothing for it: how long it takes tells nothing, and few of them are too few.
 */
const REFRESH = { min: 10, max: 100, patienceMs: 20 } as const;

/**
 * With fewer Elasticsearch has nothing to do while answers are read here; with more
 * there is less to merge. What 2 and 8 would bring: `npm run bench -- --ablation`.
 */
const CALLS_BEFORE_MERGING = 4;

/**
 * All calls to the engine about documents, sorted so that none waits for others.
 *
 * A lane has one limit for all nodes of the engine. Which of them passes a call on is
 * chosen by Kuzzle's client, once the call has left its lane, and how long it takes is
 * up to the nodes that have its shards, whichever passes it on: limits by the former
 * would say nothing of the latter. What is on a slow one is found by collection.
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

  /** by the name that they have in metrics */
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
