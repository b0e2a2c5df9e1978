import { setImmediate } from "node:timers/promises";

/** Some 20 ms of work for one stage of a request; fewer entries are not worth a turn. */
const ENTRIES_PER_TURN = 5_000;

/**
 * Lets other requests have their turn of the event loop between two stages of a
 * request, if it has many entries.
 *
 * @returns undefined where there is nothing to wait for, which costs no turn at all
 */
export function turnAfter(entries: number): Promise<void> | undefined {
  return entries > ENTRIES_PER_TURN ? setImmediate() : undefined;
}
