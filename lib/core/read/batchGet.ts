import _ from "lodash";

import type { Address, Stats } from "../../types";
import type {
  GetCommand,
  GetLists,
  GetResult,
  RequestedDocument,
} from "../commands";
import { assertSent } from "../dispatch/notSent";
import type { ExecutionContext } from "../ExecutionContext";
import { planChunks } from "../planning/chunks";
import {
  planReads,
  type PlannedDocument,
  type ReadPlan,
} from "../planning/planReads";
import { newRequestStats, roundRequestStats } from "../RequestStats";
import type { ReadOutcome } from "./fetchDocuments";
import {
  append,
  noLists,
  ReadMerger,
  validationErrorEntries,
} from "./mergeReads";
import { readDocuments, type ReadHooks } from "./readDocuments";
import { ResponseBudget } from "./ResponseBudget";

/**
 * One part of a response. The last one has the stats; without it the response is
 * incomplete.
 */
export type GetPart =
  | { readonly kind: "lists"; readonly lists: GetLists }
  | {
      readonly kind: "stats";
      readonly stats: Stats;
      /** the requested documents that did not fit into the response */
      readonly unprocessed: readonly RequestedDocument[];
    };

/**
 * How much is read before it is passed on:
 *
 * - `whole`: everything that fits into `command.maxResponseBytes`, in as many parallel
 *   calls as allowed;
 * - `streamed`: about one call to the engine at a time, and no further call before the
 *   part is consumed, so that memory does not grow with the response.
 */
export type Delivery = "whole" | "streamed";

/** Collects the parts of `readParts`, with errors in the order of the request. */
export async function batchGet(
  command: GetCommand,
  execution: ExecutionContext,
  hooks?: ReadHooks,
): Promise<GetResult> {
  const lists = noLists();
  for await (const part of readParts(command, execution, hooks, "whole")) {
    if (part.kind === "stats") {
      const { stats, unprocessed } = part;
      lists.errors.sort((a, b) => a.position - b.position);
      return { ...lists, unprocessed, stats };
    }
    append(lists, part.lists);
  }
  throw new Error("An answer has its stats in its last part.");
}

/**
 * Reads documents of one index, in the collection that each names or in all of
 * `command.collections`, and yields the response part by part.
 *
 * Keeps found documents apart from those that were not found (in any collection,
 * according to the engine), that failed, or that did not fit into the response.
 */
export async function* readParts(
  command: GetCommand,
  execution: ExecutionContext,
  hooks: ReadHooks | undefined,
  delivery: Delivery,
): AsyncGenerator<GetPart, void, void> {
  const startedAt = execution.clock.now();
  const { index, source, isRaw } = command;
  const requestStats = newRequestStats();
  const plan = planReads(command);
  const { readChunkDocuments } = execution.limits;
  const { groups, callSize, maxBytes } =
    delivery === "whole"
      ? readWhole(plan, readChunkDocuments, command.maxResponseBytes)
      : readStreamed(plan, readChunkDocuments);
  const merger = new ReadMerger(index, plan);
  const counts = { found: 0, notFound: 0, errors: 0 };
  const unprocessed: RequestedDocument[] = [];

  function part(lists: GetLists): GetPart {
    counts.found += lists.documents.length;
    counts.notFound += lists.missing.length;
    counts.errors += lists.errors.length;
    return { kind: "lists", lists };
  }

  yield part({ ...noLists(), errors: validationErrorEntries(command) });

  for (const documents of groups) {
    const positions = merger.unreadOf(documents);
    const { outcomes, bytes } = await readDocuments(
      positions.map((position) => plan.addresses[position] as Address),
      { index, source, isRaw, callSize, hooks, execution, requestStats },
      maxBytes,
      // all reads of the first document, so that a caller who requests the rest makes
      // progress
      documents[0]?.reads.length,
    );
    if (delivery === "whole") {
      assertSent(outcomes);
    }
    const outcomeAt: (ReadOutcome | undefined)[] = [];
    positions.forEach((position, i) => (outcomeAt[position] = outcomes[i]));

    const budget = new ResponseBudget(maxBytes, bytes);
    const { lists, left } = merger.merge(documents, outcomeAt, budget);
    unprocessed.push(...left);
    yield part(lists);
  }

  const { requested } = command;
  yield {
    kind: "stats",
    unprocessed,
    stats: {
      requested,
      unique: requested - plan.duplicates,
      duplicates: plan.duplicates,
      ...counts,
      ...roundRequestStats(requestStats),
      tookMs: Math.round(execution.clock.now() - startedAt),
    },
  };
}

interface Reading {
  /** documents that are read and passed on together */
  readonly groups: readonly (readonly PlannedDocument[])[];
  /** the maximum number of reads in one call */
  readonly callSize: number;
  /** for the documents of a group */
  readonly maxBytes: number;
}

/**
 * An id that is searched in several collections mostly exists in only one, so a call
 * may have more reads there without returning more documents.
 */
function readWhole(
  { addresses, documents }: ReadPlan,
  readChunkDocuments: number,
  maxBytes: number,
): Reading {
  const isSpread = addresses.length >= 2 * documents.length;
  const callSize = isSpread ? 2 * readChunkDocuments : readChunkDocuments;
  return { groups: [documents], callSize, maxBytes };
}

function readStreamed(
  { documents }: ReadPlan,
  readChunkDocuments: number,
): Reading {
  const planned = (position: number): PlannedDocument =>
    documents[position] as PlannedDocument;
  // each group has about as many requested documents as fill one call to the engine
  const groups = planChunks(
    _.range(documents.length),
    (position) => planned(position).reads.length,
    { maxCount: Infinity, maxSize: readChunkDocuments },
  ).map((group) => group.map(planned));
  return { groups, callSize: readChunkDocuments, maxBytes: Infinity };
}
