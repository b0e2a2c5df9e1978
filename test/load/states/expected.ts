/** What requests must come to while an engine is in a state, and when it is over. */
import { sumBy } from "lodash";

import { ACTIONS, type Action } from "../../support/actions";
import type { Period } from "../history/events";
import type { AnsweredRequest } from "../history/Recorder";

/**
 * While a state lasts, an action works on, for reads without any error; or nothing of it
 * succeeds; or some of it does, and some may fail.
 */
export type Expected = Readonly<Record<Action, "works" | "stops" | "partly">>;

/** Only requests that were asked and answered within a period count. */
export function requestsWithin(
  { from, to }: Period,
  requests: readonly AnsweredRequest[],
): AnsweredRequest[] {
  return requests.filter((each) => each.from >= from && each.to <= to);
}

/** @returns a sentence for each action that does otherwise, or that nobody has tried */
export function faultsOf(
  expected: Expected,
  requests: readonly AnsweredRequest[],
): string[] {
  return ACTIONS.flatMap((action) => {
    const ofIt = requests.filter((each) => each.action === action);
    const acknowledged = sumBy(ofIt, "acknowledged");
    const failed = sumBy(ofIt, "refused") + sumBy(ofIt, "unknown");
    const isRight = {
      works: acknowledged > 0 && (action !== "batchGet" || failed === 0),
      stops: ofIt.length > 0 && acknowledged === 0,
      partly: acknowledged > 0,
    }[expected[action]];
    return isRight
      ? []
      : [
          `${action} ${expected[action]}? Of ${ofIt.length} requests, ${acknowledged} documents succeeded, and ${failed} failed.`,
        ];
  });
}

/**
 * @param overAt when the state ended: only later requests count
 * @returns of each action that works again, milliseconds to its first success
 */
export function goesOnAfter(
  overAt: number,
  requests: readonly AnsweredRequest[],
): ReadonlyMap<Action, number> {
  const later = requests.filter(
    ({ from, acknowledged }) => from >= overAt && acknowledged > 0,
  );
  return new Map(
    ACTIONS.flatMap((action) => {
      const ends = later.filter((each) => each.action === action);
      return ends.length === 0
        ? []
        : [[action, Math.min(...ends.map(({ to }) => to)) - overAt] as const];
    }),
  );
}
