import { setImmediate as endOfTurn } from "node:timers/promises";

import type { Profiles } from "../requestState";

export type ReadProfiles = (ids: readonly string[]) => Promise<Profiles>;

/**
 * Callers that ask for the same profiles in one turn of the event loop, or while these
 * are being read, share the next read. It begins after all of them have asked, so that
 * nobody gets stale profiles, and each waits for at most one earlier read.
 */
export function joinedReads(read: ReadProfiles): ReadProfiles {
  const waiting = new Map<string, Promise<Profiles>>();
  const underWay = new Map<string, Promise<void>>();

  async function readNext(
    key: string,
    ids: readonly string[],
  ): Promise<Profiles> {
    await (underWay.get(key) ?? endOfTurn());
    waiting.delete(key);
    const reading = read(ids);
    const end = (): void => {
      if (underWay.get(key) === ended) underWay.delete(key);
    };
    const ended: Promise<void> = reading.then(end, end);
    underWay.set(key, ended);
    return reading;
  }

  return (ids) => {
    const key = JSON.stringify(ids);
    let joined = waiting.get(key);
    if (joined === undefined) {
      joined = readNext(key, ids);
      waiting.set(key, joined);
    }
    return joined;
  };
}
