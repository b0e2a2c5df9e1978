import _ from "lodash";

import type { Address, GetCommand, Stats } from "../../types";
import type { Engine } from "../ExecutionContext";
import { getStats, type GetCounts } from "./getStats";
import { lookUp, type ReadGuard } from "./readDocuments";
import {
  defectErrors,
  LookupMerger,
  noLists,
  type GetLists,
} from "./mergeLookups";
import { planLookups, type Question } from "../planning/planLookups";
import { newTally } from "../RequestStats";

/** One part of a streamed answer. */
export type GetPart =
  | { readonly kind: "lists"; readonly lists: GetLists }
  | { readonly kind: "stats"; readonly stats: Stats };

/**
 * What `batchGet` answers, part by part, so that memory does not grow with it:
 * about one call to the engine at a time. The last part has the stats; without
 * it the answer is not whole.
 */
export async function* streamGet(
  command: GetCommand,
  engine: Engine,
  guard?: ReadGuard,
): AsyncGenerator<GetPart, void, void> {
  const startedAt = engine.clock.now();
  const { index, source, isRaw } = command;
  const tally = newTally();
  const plan = planLookups(command);
  const merger = new LookupMerger(index, plan);
  const lookedUp = new Set<number>();
  const counts: GetCounts = { found: 0, notFound: 0, errors: 0 };

  function part(lists: GetLists): GetPart {
    counts.found += lists.documents.length;
    counts.notFound += lists.missing.length;
    counts.errors += lists.errors.length;
    return { kind: "lists", lists };
  }

  yield part({ ...noLists(), errors: defectErrors(command) });

  const callSize = engine.limits.readChunkDocuments;
  const groups = groupQuestions(plan.questions, callSize);
  for (const questions of groups) {
    const positions = _.uniq(
      questions.flatMap(({ lookups }) => lookups),
    ).filter((position) => !lookedUp.has(position));
    const { outcomes } = await lookUp(
      positions.map((position) => plan.addresses[position] as Address),
      { index, source, isRaw, callSize, guard, engine, tally },
      Infinity,
    );
    const outcomeAt = new Map(positions.map((each, i) => [each, outcomes[i]]));
    positions.forEach((position) => lookedUp.add(position));

    const lists = noLists();
    for (const question of questions) {
      merger.answer(question, (position) => outcomeAt.get(position), lists);
    }
    yield part(lists);
  }

  const tookMs = engine.clock.now() - startedAt;
  yield {
    kind: "stats",
    stats: getStats(command, plan, counts, tally, tookMs),
  };
}

/** As many questions at a time as make about one call to the engine. */
function groupQuestions(
  questions: readonly Question[],
  maxLookups: number,
): Question[][] {
  const groups: Question[][] = [];
  let group: Question[] = [];
  let lookups = 0;

  for (const question of questions) {
    if (group.length > 0 && lookups + question.lookups.length > maxLookups) {
      groups.push(group);
      group = [];
      lookups = 0;
    }
    group.push(question);
    lookups += question.lookups.length;
  }
  if (group.length > 0) {
    groups.push(group);
  }
  return groups;
}
