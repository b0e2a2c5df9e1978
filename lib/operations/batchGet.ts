import type { AskedDocument, GetCommand, GetResult } from "../types";
import { AnswerBudget } from "./answerBudget";
import type { Engine } from "./engine";
import { getStats } from "./getStats";
import { lookUp, type ReadGuard } from "./lookUp";
import { append, defectErrors, LookupMerger, noLists } from "./mergeLookups";
import { planLookups } from "./planLookups";
import { newTally } from "./tally";

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
  const { outcomes, bytes } = await lookUp(
    plan.addresses,
    { index, source, isRaw, guard, engine, tally },
    maxResponseBytes,
    // all of the first, so that a caller who asks on comes to an end
    plan.questions[0]?.lookups.length,
  );

  const merger = new LookupMerger(index, plan.addresses);
  const budget = new AnswerBudget(maxResponseBytes, bytes);
  const lists = noLists();
  const unprocessed: AskedDocument[] = [];
  for (const { asked, lookups } of plan.questions) {
    const isLeft =
      unprocessed.length > 0 ||
      lookups.some((position) => outcomes[position] === undefined);
    const answer = isLeft
      ? undefined
      : budget.admit(
          merger.answer({ asked, lookups }, (position) => outcomes[position]),
          asked,
        );
    if (answer === undefined) {
      unprocessed.push(asked);
    } else {
      append(lists, answer);
    }
  }
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
