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

/** One part of an answer. The last one has the stats; without it the answer is not whole. */
export type GetPart =
  | { readonly kind: "lists"; readonly lists: GetLists }
  | {
      readonly kind: "stats";
      readonly stats: Stats;
      /** the requested documents that did not fit into the answer */
      readonly unprocessed: readonly RequestedDocument[];
    };

/**
 * How much is read before it is passed on:
 *
 * - `whole`: everything that fits into `command.maxResponseBytes`, in as many
 *   calls side by side as there may be;
 * - `streamed`: about one call to the engine at a time and no further call before
 *   the part is taken, so that memory does not grow with the answer.
 */
export type Delivery = "whole" | "streamed";

/** The whole answer of `readParts`, its errors in the order of the request. */
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
 * `command.collections`, and yields the answer part by part.
 *
 * Keeps found apart from not found (the engine answered so, everywhere), from
 * failed, and from what did not fit into the answer.
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
      // all of the first, so that a caller who requests the rest makes progress
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
  /** what is read and passed on together */
  readonly groups: readonly (readonly PlannedDocument[])[];
  /** how many reads one call may have */
  readonly callSize: number;
  /** of a group's documents */
  readonly maxBytes: number;
}

/**
 * Of ids that are looked for in several collections, each is in one of them most
 * often: a call may have more reads there and still bring no more documents.
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
  // as many requested documents at a time as make about one call to the engine
  const groups = planChunks(
    _.range(documents.length),
    (position) => planned(position).reads.length,
    { maxCount: Infinity, maxSize: readChunkDocuments },
  ).map((group) => group.map(planned));
  return { groups, callSize: readChunkDocuments, maxBytes: Infinity };
}
