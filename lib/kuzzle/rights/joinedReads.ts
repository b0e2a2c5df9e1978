import { setImmediate as endOfTurn } from "node:timers/promises";

import type { Profiles } from "../requestState";

export type ReadProfiles = (ids: readonly string[]) => Promise<Profiles>;

/**
 * Whoever asks for the same profiles in one turn of the event loop shares a read. It
 * begins when all of them have asked, so that none is given what was true before.
 */
export function joinedReads(read: ReadProfiles): ReadProfiles {
  const waiting = new Map<string, Promise<Profiles>>();
  return (ids) => {
    const key = JSON.stringify(ids);
    let joined = waiting.get(key);
    if (joined === undefined) {
      joined = endOfTurn().then(() => {
        waiting.delete(key);
        return read(ids);
      });
      waiting.set(key, joined);
    }
    return joined;
  };
}
