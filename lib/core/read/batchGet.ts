import type { AskedDocument, GetCommand, GetResult } from "../../types";
import { AnswerBudget } from "./ResponseBudget";
import type { Engine } from "../ExecutionContext";
import { getStats } from "./getStats";
import type { LookupOutcome } from "./fetchLookups";
import { lookUp, type ReadGuard } from "./readDocuments";
import {
  append,
  defectErrors,
  LookupMerger,
  noLists,
  type GetLists,
} from "./mergeLookups";
import {
  planLookups,
  type LookupPlan,
  type Question,
} from "../planning/planLookups";
import { newTally } from "../RequestStats";

/**
 * Looks documents up in one index, in the collection that each names or in all
 * of `command.collections`.
 *
 * Tells found from not found (the engine answered so, everywhere) from failed,
 * and from what did not fit into the answer.
 */
export async function batchGet(
  command: GetCommand,
  engine: Engine,
  guard?: ReadGuard,
): Promise<GetResult> {
  const startedAt = engine.clock.now();
  const { index, source, isRaw, maxResponseBytes } = command;
  const tally = newTally();
  const plan = planLookups(command);
  const callSize = callSizeFor(plan, engine.limits.readChunkDocuments);
  const { outcomes, bytes } = await lookUp(
    plan.addresses,
    { index, source, isRaw, callSize, guard, engine, tally },
    maxResponseBytes,
    // all of the first, so that a caller who asks on comes to an end
    plan.questions[0]?.lookups.length,
  );

  const lists = noLists();
  const unprocessed = mergeWithin(
    new AnswerBudget(maxResponseBytes, bytes),
    new LookupMerger(index, plan),
    plan.questions,
    outcomes,
    lists,
  );
  append(lists, { ...noLists(), errors: defectErrors(command) });
  lists.errors.sort((a, b) => a.position - b.position);

  const counts = {
    found: lists.documents.length,
    notFound: lists.missing.length,
    errors: lists.errors.length,
  };
  const tookMs = engine.clock.now() - startedAt;
  return {
    ...lists,
    unprocessed,
    stats: getStats(command, plan, counts, tally, tookMs),
  };
}

/**
 * Of ids that are looked for in several collections, each is in one of them most
 * often: a call may have more look-ups there and still bring no more documents.
 */
function callSizeFor(
  { addresses, questions }: LookupPlan,
  readChunkDocuments: number,
): number {
  const isSpread = addresses.length >= 2 * questions.length;
  return isSpread ? 2 * readChunkDocuments : readChunkDocuments;
}

/**
 * Answers questions as long as there is room.
 *
 * @param lists what the answers are added to
 * @returns the questions from the first on for which there was none
 */
function mergeWithin(
  budget: AnswerBudget,
  merger: LookupMerger,
  questions: readonly Question[],
  outcomes: readonly (LookupOutcome | undefined)[],
  lists: GetLists,
): AskedDocument[] {
  const outcomeOf = (position: number): LookupOutcome | undefined =>
    outcomes[position];
  const left = questions.findIndex((question) => {
    if (question.lookups.some((position) => outcomes[position] === undefined)) {
      return true;
    }
    if (!budget.measures) {
      merger.answer(question, outcomeOf, lists);
      return false;
    }
    const answer = noLists();
    merger.answer(question, outcomeOf, answer);
    const admitted = budget.admit(answer, question.asked);
    if (admitted !== undefined) {
      append(lists, admitted);
    }
    return admitted === undefined;
  });
  return left === -1 ? [] : questions.slice(left).map(({ asked }) => asked);
}
