import { setImmediate } from "node:timers/promises";

/**
 * About 20 ms of work for one stage of a request; fewer entries are not worth a turn.
 */
const ENTRIES_PER_TURN = 5_000;

/**
 * Whether a request has so many entries that others should get a turn between its
 * stages.
 */
export function needsTurns(entries: number): boolean {
  return entries > ENTRIES_PER_TURN;
}

/** Lets other requests take their turn of the event loop. */
export function giveTurn(): Promise<void> {
  return setImmediate();
}
