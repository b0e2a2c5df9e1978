import _ from "lodash";

import type { Address, Stats } from "../../types";
import type { GetCommand } from "../commands";
import type { ExecutionContext } from "../ExecutionContext";
import { getStats, type GetCounts } from "./getStats";
import { readDocuments, type ReadHooks } from "./readDocuments";
import {
  validationErrorEntries,
  ReadMerger,
  noLists,
  type GetLists,
} from "./mergeReads";
import { planChunks } from "../planning/chunks";
import { planReads, type PlannedDocument } from "../planning/planReads";
import { newRequestStats } from "../RequestStats";

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
  execution: ExecutionContext,
  hooks?: ReadHooks,
): AsyncGenerator<GetPart, void, void> {
  const startedAt = execution.clock.now();
  const { index, source, isRaw } = command;
  const requestStats = newRequestStats();
  const plan = planReads(command);
  const merger = new ReadMerger(index, plan);
  const done = new Set<number>();
  const counts: GetCounts = { found: 0, notFound: 0, errors: 0 };

  function part(lists: GetLists): GetPart {
    counts.found += lists.documents.length;
    counts.notFound += lists.missing.length;
    counts.errors += lists.errors.length;
    return { kind: "lists", lists };
  }

  function planned(position: number): PlannedDocument {
    return plan.documents[position] as PlannedDocument;
  }

  yield part({ ...noLists(), errors: validationErrorEntries(command) });

  const callSize = execution.limits.readChunkDocuments;
  // as many requested documents at a time as make about one call to the engine
  const groups = planChunks(
    _.range(plan.documents.length),
    (position) => planned(position).reads.length,
    { maxCount: Infinity, maxSize: callSize },
  );
  for (const group of groups) {
    const documents = group.map(planned);
    const positions = _.uniq(documents.flatMap(({ reads }) => reads)).filter(
      (position) => !done.has(position),
    );
    const { outcomes } = await readDocuments(
      positions.map((position) => plan.addresses[position] as Address),
      { index, source, isRaw, callSize, hooks, execution, requestStats },
      Infinity,
    );
    const outcomeAt = new Map(positions.map((each, i) => [each, outcomes[i]]));
    positions.forEach((position) => done.add(position));

    const lists = noLists();
    for (const document of documents) {
      merger.answer(document, (position) => outcomeAt.get(position), lists);
    }
    yield part(lists);
  }

  const tookMs = execution.clock.now() - startedAt;
  yield {
    kind: "stats",
    stats: getStats(command, plan, counts, requestStats, tookMs),
  };
}
