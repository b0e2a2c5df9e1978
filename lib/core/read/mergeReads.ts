import assert from "node:assert";

import _ from "lodash";

import type { Address, GetError } from "../../types";
import type { GetCommand, GetLists, RequestedDocument } from "../commands";
import type { StoredDocument } from "../documents";
import type { ReadOutcome } from "./fetchDocuments";
import type { ReadPlan, PlannedDocument } from "../planning/planReads";
import type { ResponseBudget } from "./ResponseBudget";

export function noLists(): GetLists {
  return { documents: [], missing: [], errors: [] };
}

/** By position in a plan's `addresses`. */
type Outcomes = readonly (ReadOutcome | undefined)[];

/**
 * Turns reads into responses, document by document. One merger serves one request: what
 * it returned for an earlier document is not returned again.
 */
export class ReadMerger {
  private readonly reported = new Set<number>();
  /** results of earlier reads that later documents share */
  private readonly wasMissing = new Map<number, boolean>();

  constructor(
    private readonly index: string,
    private readonly plan: Pick<ReadPlan, "addresses" | "isShared">,
  ) {}

  /** @returns positions in `addresses`, each once, that have not been read yet */
  unreadOf(documents: readonly PlannedDocument[]): number[] {
    const positions: number[] = [];
    for (const { reads } of documents) {
      positions.push(...reads);
    }
    return this.plan.isShared
      ? _.uniq(positions).filter((position) => !this.wasMissing.has(position))
      : positions;
  }

  /**
   * Returns documents, starting with the first, as long as there is room for them.
   *
   * @returns their lists, and the documents for which there was no room
   */
  merge(
    documents: readonly PlannedDocument[],
    outcomes: Outcomes,
    budget: ResponseBudget,
  ): { readonly lists: GetLists; readonly left: RequestedDocument[] } {
    const lists = noLists();
    const end = documents.findIndex((document) => {
      if (!this.canAnswer(document, outcomes)) {
        return true;
      }
      if (!budget.measures) {
        this.answer(document, outcomes, lists);
        return false;
      }
      const answer = noLists();
      this.answer(document, outcomes, answer);
      const admitted = budget.admit(answer, document.asked);
      if (admitted !== undefined) {
        append(lists, admitted);
      }
      return admitted === undefined;
    });
    const left = end === -1 ? [] : documents.slice(end);
    return { lists, left: left.map(({ asked }) => asked) };
  }

  /** Whether all reads of a document have completed, now or earlier. */
  private canAnswer({ reads }: PlannedDocument, outcomes: Outcomes): boolean {
    return reads.every(
      (position) =>
        outcomes[position] !== undefined || this.wasMissing.has(position),
    );
  }

  /** @param lists the document's results are added to these */
  private answer(
    { asked, reads }: PlannedDocument,
    outcomes: Outcomes,
    lists: GetLists,
  ): void {
    let isMissing = true;
    for (const position of reads) {
      const outcome = outcomes[position];
      if (outcome === undefined) {
        const wasMissing = this.wasMissing.get(position);
        assert(wasMissing !== undefined, `read ${position} has no outcome`);
        isMissing &&= wasMissing;
        continue;
      }
      const found = outcome.ok ? outcome.value : undefined;
      if (this.plan.isShared) {
        this.wasMissing.set(position, found === null);
      }
      if (found === null) {
        continue;
      }
      isMissing = false;
      if (!this.reported.has(position)) {
        this.reported.add(position);
        this.report(asked, position, outcome, lists);
      }
    }
    if (isMissing) {
      lists.missing.push(asked);
    }
  }

  private report(
    asked: RequestedDocument,
    position: number,
    outcome: ReadOutcome,
    { documents, errors }: GetLists,
  ): void {
    const { collection } = this.plan.addresses[position] as Address;
    if (outcome.ok) {
      const { _id, _source, _version, _seq_no, _primary_term } =
        outcome.value as StoredDocument;
      documents.push({
        _id,
        index: this.index,
        collection,
        ...(_source !== undefined && { _source }),
        _version,
        _seq_no,
        _primary_term,
      });
    } else {
      const { _id, position: place } = asked;
      errors.push({ _id, collection, position: place, ...outcome.failure });
    }
  }
}

export function append(all: GetLists, more: GetLists): void {
  for (const document of more.documents) {
    all.documents.push(document);
  }
  for (const asked of more.missing) {
    all.missing.push(asked);
  }
  for (const error of more.errors) {
    all.errors.push(error);
  }
}

export function validationErrorEntries({
  validationErrors,
}: GetCommand): GetError[] {
  return validationErrors.map(({ asked, failure, position }) => ({
    _id: asked,
    position,
    ...failure,
  }));
}
