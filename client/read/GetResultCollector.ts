import type { FoundDocument } from "../../lib/types";
import { BatchError } from "../errors/BatchError";
import { toBatchError } from "../errors/toBatchError";
import {
  asAddress,
  documentKey,
  type PositionedDocument,
  type GetRound,
} from "./locate";
import { StatsSum } from "../transport/StatsSum";
import type { RequestedDocument, BatchGetResult, GetError } from "../types";

/** Collects the outcome of each document of a call. */
export class GetResultCollector {
  private readonly documents: GetRound["documents"][number][] = [];
  private readonly notFound: GetRound["notFound"][number][] = [];
  private readonly errors: GetError[] = [];
  private readonly pending = new Map<number, RequestedDocument>();
  private readonly seen = new Set<string>();
  private readonly stats = new StatsSum();
  private requested = 0;
  private duplicates = 0;

  /** @param collection collection of documents that name none */
  constructor(private readonly collection: string | undefined) {}

  get progress(): { readonly done: number; readonly failed: number } {
    return {
      done: this.requested - this.pending.size,
      failed: this.notFound.length + this.errors.length,
    };
  }

  /** @returns false for a repeated document: its first position has the result */
  open({ requested, position }: PositionedDocument): boolean {
    this.requested += 1;
    const key = documentKey(requested, this.collection);
    if (key !== undefined && this.seen.has(key)) {
      this.duplicates += 1;
      return false;
    }
    if (key !== undefined) this.seen.add(key);
    this.pending.set(position, requested);
    return true;
  }

  add({ documents, notFound, errors, done, stats }: GetRound): void {
    for (const each of documents) this.documents.push(each);
    for (const each of notFound) this.notFound.push(each);
    for (const each of errors) this.errors.push(each);
    for (const position of done) this.pending.delete(position);
    this.stats.add(stats);
  }

  fail(error: GetError): void {
    this.errors.push(error);
    this.pending.delete(error.position);
  }

  /** In the order of the call. */
  result(): BatchGetResult {
    const { requested, duplicates } = this;
    return {
      documents: once(inOrder(this.documents)) as never[],
      not_found: inOrder(this.notFound).map(({ value }) => value),
      errors: inOrder(this.errors),
      unprocessed: [...this.pending.values()],
      stats: this.stats.total({
        requested,
        duplicates,
        unique: requested - duplicates,
        errors: this.errors.length,
      }),
    };
  }

  /** @throws {BatchError} `batch.get.incomplete` unless all documents were found */
  assertComplete(): void {
    const { length: count } = [...this.notFound, ...this.errors];
    if (count > 0) {
      throw this.error(
        new BatchError(
          `${count} of the ${this.requested} requested documents were not returned.`,
          { id: "batch.get.incomplete", status: 400 },
        ),
      );
    }
  }

  /** The error of a call that `cause` ended. */
  error(cause: unknown): BatchError {
    const missing = this.notFound.map(({ value, position }) => ({
      ...asAddress(value),
      position,
      status: 404,
      code: "not_found" as const,
      reason: "The document does not exist.",
      retryable: false,
    }));
    return toBatchError(cause, {
      errors: inOrder([...missing, ...this.errors]),
      unprocessed: [...this.pending.keys()],
      result: this.result(),
    });
  }
}

/** A document requested by address and by id in different requests is returned twice. */
function once(documents: GetRound["documents"]): FoundDocument[] {
  const seen = new Set<string>();
  return documents
    .map(({ value }) => value)
    .filter(({ collection, _id }) => {
      const address = `${collection}\0${_id}`;
      return !seen.has(address) && seen.add(address);
    });
}

/** Documents with one id in several collections share a position: the sort is stable. */
function inOrder<Each extends { readonly position: number }>(
  list: readonly Each[],
): Each[] {
  return [...list].sort((a, b) => a.position - b.position);
}
