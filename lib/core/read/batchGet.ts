import { assertSent } from "../dispatch/notSent";
import type { GetCommand, GetResult, RequestedDocument } from "../commands";
import { ResponseBudget } from "./ResponseBudget";
import type { ExecutionContext } from "../ExecutionContext";
import { getStats } from "./getStats";
import type { ReadOutcome } from "./fetchDocuments";
import { readDocuments, type ReadHooks } from "./readDocuments";
import {
  append,
  validationErrorEntries,
  ReadMerger,
  noLists,
  type GetLists,
} from "./mergeReads";
import {
  planReads,
  type ReadPlan,
  type PlannedDocument,
} from "../planning/planReads";
import { newRequestStats } from "../RequestStats";

/**
 * Looks documents up in one index, in the collection that each names or in all
 * of `command.collections`.
 *
 * Tells found from not found (the engine answered so, everywhere) from failed,
 * and from what did not fit into the answer.
 */
export async function batchGet(
  command: GetCommand,
  execution: ExecutionContext,
  hooks?: ReadHooks,
): Promise<GetResult> {
  const startedAt = execution.clock.now();
  const { index, source, isRaw, maxResponseBytes } = command;
  const requestStats = newRequestStats();
  const plan = planReads(command);
  const callSize = callSizeFor(plan, execution.limits.readChunkDocuments);
  const { outcomes, bytes } = await readDocuments(
    plan.addresses,
    { index, source, isRaw, callSize, hooks, execution, requestStats },
    maxResponseBytes,
    // all of the first, so that a caller who asks on comes to an end
    plan.documents[0]?.reads.length,
  );

  assertSent(outcomes);

  const lists = noLists();
  const unprocessed = mergeWithin(
    new ResponseBudget(maxResponseBytes, bytes),
    new ReadMerger(index, plan),
    plan.documents,
    outcomes,
    lists,
  );
  append(lists, { ...noLists(), errors: validationErrorEntries(command) });
  lists.errors.sort((a, b) => a.position - b.position);

  const counts = {
    found: lists.documents.length,
    notFound: lists.missing.length,
    errors: lists.errors.length,
  };
  const tookMs = execution.clock.now() - startedAt;
  return {
    ...lists,
    unprocessed,
    stats: getStats(command, plan, counts, requestStats, tookMs),
  };
}

/**
 * Of ids that are looked for in several collections, each is in one of them most
 * often: a call may have more reads there and still bring no more documents.
 */
function callSizeFor(
  { addresses, documents }: ReadPlan,
  readChunkDocuments: number,
): number {
  const isSpread = addresses.length >= 2 * documents.length;
  return isSpread ? 2 * readChunkDocuments : readChunkDocuments;
}

/**
 * Answers requested documents as long as there is room.
 *
 * @param lists what the answers are added to
 * @returns the documents, from the first on, for which there was none
 */
function mergeWithin(
  budget: ResponseBudget,
  merger: ReadMerger,
  documents: readonly PlannedDocument[],
  outcomes: readonly (ReadOutcome | undefined)[],
  lists: GetLists,
): RequestedDocument[] {
  const outcomeOf = (position: number): ReadOutcome | undefined =>
    outcomes[position];
  const left = documents.findIndex((document) => {
    if (document.reads.some((position) => outcomes[position] === undefined)) {
      return true;
    }
    if (!budget.measures) {
      merger.answer(document, outcomeOf, lists);
      return false;
    }
    const answer = noLists();
    merger.answer(document, outcomeOf, answer);
    const admitted = budget.admit(answer, document.asked);
    if (admitted !== undefined) {
      append(lists, admitted);
    }
    return admitted === undefined;
  });
  return left === -1 ? [] : documents.slice(left).map(({ asked }) => asked);
}
