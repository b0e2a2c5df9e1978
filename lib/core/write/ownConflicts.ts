import _ from "lodash";

import type { BulkDone, RawDocument } from "../ports/DocumentStore";
import type { Failure } from "../../types";
import type { ItemResult } from "../outcome";
import type { ExecutionContext } from "../ExecutionContext";
import { readRaw } from "../read/readRaw";
import type { RequestStats } from "../RequestStats";
import type { WriteItem } from "./writeItems";

/**
 * A failed condition does not prove that nothing was written. When the node of a
 * primary dies during a bulk, Elasticsearch itself resends the items to the promoted
 * copy, where each may conflict with its own first write. So a document that now holds
 * exactly what was sent has an unknown outcome, and so does one that can't be read. A
 * document that is still as an earlier item of the request left it was not written
 * again.
 *
 * @param outcomes by position, as the engine returned them
 * @param earlierOf the last acknowledged write of the same document in the request
 * @returns the outcomes with such conflicts replaced; makes no call if there are none
 */
export async function withoutOwnConflicts(
  items: readonly WriteItem[],
  outcomes: readonly ItemResult<BulkDone>[],
  earlierOf: (item: WriteItem) => BulkDone | undefined,
  { index }: { readonly index: string },
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<readonly ItemResult<BulkDone>[]> {
  const doubtful = _.flatMap(items, (item, i) =>
    mayBeOwnConflict(item, outcomes[i]) ? [i] : [],
  );
  if (doubtful.length === 0) {
    return outcomes;
  }
  const addresses = doubtful.map((i) => items[i] as WriteItem);
  const found = await readRaw(index, addresses, execution, requestStats);
  const judged = [...outcomes];

  doubtful.forEach((i, nth) => {
    const now = found[nth] as ItemResult<RawDocument | null>;
    const item = items[i] as WriteItem;
    if (
      !now.ok ||
      (holdsWhatWasSent(item, now.value) && !isAs(now.value, earlierOf(item)))
    ) {
      const { attempts } = outcomes[i] as ItemResult<BulkDone>;
      judged[i] = { ok: false, failure: OWN_OR_NOT, attempts };
    }
  });
  return judged;
}

export function mayBeOwnConflict(
  item: WriteItem,
  outcome: ItemResult<BulkDone> | undefined,
): boolean {
  return isConditional(item) && isConflict(outcome);
}

function isConditional({
  operation,
  precondition,
  readsFirst,
}: WriteItem): boolean {
  return (
    operation === "create" ||
    precondition !== undefined ||
    readsFirst !== undefined
  );
}

function isConflict(outcome: ItemResult<BulkDone> | undefined): boolean {
  return outcome?.ok === false && outcome.failure.code === "version_conflict";
}

function isAs(now: RawDocument | null, done: BulkDone | undefined): boolean {
  return (
    now !== null &&
    now.seqNo === done?._seq_no &&
    now.primaryTerm === done._primary_term
  );
}

function holdsWhatWasSent(
  { operation, payload }: WriteItem,
  now: RawDocument | null,
): boolean {
  switch (operation) {
    case "create":
    case "index":
      return now?.sourceText === payload;
    case "update": {
      const { doc } = JSON.parse(payload) as { doc: object };
      return (
        now !== null &&
        now.notJson !== true &&
        _.isMatch(JSON.parse(now.sourceText) as object, doc)
      );
    }
    case "delete":
      return now === null;
  }
}

const OWN_OR_NOT: Failure = {
  status: 500,
  code: "unknown_outcome",
  reason:
    "The condition does not hold, but this request may have written the document itself: Elasticsearch resends a write when it fails over to another copy.",
  retryable: false,
};
