/**
 * Checks a history against the plugin's guarantees, whatever failed meanwhile.
 *
 * Source: the checkers of Jepsen (jepsen.io) for registers and sets.
 */
import { groupBy } from "../../../lib/core/groupBy";
import { DocumentHistory } from "./DocumentHistory";
import type { History, Violation, WriteEvent } from "./events";

export function checkHistory({
  writes,
  reads,
  failovers = [],
}: History): Violation[] {
  const readsOf = groupBy(reads, ({ _id }) => _id);
  const writesOf = groupBy(writes, ({ _id }) => _id);
  const documents = new Map(
    [...readsOf].map(([_id, ofIt]) => [
      _id,
      new DocumentHistory(_id, writesOf.get(_id) ?? [], ofIt, failovers),
    ]),
  );
  return [
    ...[...documents.values()].flatMap((document) => document.violations()),
    ...tornBatches(writes, documents),
  ];
}

/** Of batches that may have been committed: rejected ones must not be there at all. */
function tornBatches(
  writes: readonly WriteEvent[],
  documents: ReadonlyMap<string, DocumentHistory>,
): Violation[] {
  const batches = groupBy(
    writes.filter(({ outcome }) => outcome !== "refused"),
    ({ batch }) => batch,
  );
  return [...batches].flatMap(([batch, parts]): Violation[] => {
    if (batch === undefined) {
      return [];
    }
    const isThere = (write: WriteEvent) =>
      documents.get(write._id)?.isThereInTheEnd(write);
    const there = parts.filter((write) => isThere(write) === true);
    const missing = parts.filter((write) => isThere(write) === false);
    const [{ _id, action }] = parts as [WriteEvent];
    return there.length > 0 && missing.length > 0
      ? [
          {
            kind: "torn",
            _id,
            action,
            details: `${there.length} of ${parts.length} documents of ${batch} are there, ${missing.length} are not`,
          },
        ]
      : [];
  });
}
