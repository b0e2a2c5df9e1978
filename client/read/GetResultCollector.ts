import type { FoundDocument } from "../../lib/types";
import { BatchError } from "../errors/BatchError";
import { toBatchError } from "../errors/toBatchError";
import { asAddress, questionKey, type Question, type Round } from "./locate";
import { StatsSum } from "../transport/StatsSum";
import type { AskedDocument, BatchGetResult, GetError } from "../types";

/** What became of each document of a call, as the answers come in. */
export class GetLedger {
  private readonly documents: Round["documents"][number][] = [];
  private readonly notFound: Round["notFound"][number][] = [];
  private readonly errors: GetError[] = [];
  private readonly unsettled = new Map<number, AskedDocument>();
  private readonly seen = new Set<string>();
  private readonly stats = new StatsSum();
  private requested = 0;
  private duplicates = 0;

  /** @param collection of the documents that name none */
  constructor(private readonly collection: string | undefined) {}

  get progress(): { readonly done: number; readonly failed: number } {
    return {
      done: this.requested - this.unsettled.size,
      failed: this.notFound.length + this.errors.length,
    };
  }

  /** @returns false for a document that was asked for before: it is answered there */
  open({ asked, position }: Question): boolean {
    this.requested += 1;
    const key = questionKey(asked, this.collection);
    if (key !== undefined && this.seen.has(key)) {
      this.duplicates += 1;
      return false;
    }
    if (key !== undefined) this.seen.add(key);
    this.unsettled.set(position, asked);
    return true;
  }

  add({ documents, notFound, errors, settled, stats }: Round): void {
    for (const each of documents) this.documents.push(each);
    for (const each of notFound) this.notFound.push(each);
    for (const each of errors) this.errors.push(each);
    for (const position of settled) this.unsettled.delete(position);
    this.stats.add(stats);
  }

  fail(error: GetError): void {
    this.errors.push(error);
    this.unsettled.delete(error.position);
  }

  /** In the order of the call. */
  result(): BatchGetResult {
    const { requested, duplicates } = this;
    return {
      documents: once(inOrder(this.documents)) as never[],
      not_found: inOrder(this.notFound).map(({ value }) => value),
      errors: inOrder(this.errors),
      unprocessed: [...this.unsettled.values()],
      stats: this.stats.total({
        requested,
        duplicates,
        unique: requested - duplicates,
        errors: this.errors.length,
      }),
    };
  }

  /** @throws {BatchError} `batch.get.incomplete` unless all is found */
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

  /** What a call is rejected with that `cause` has ended. */
  error(cause: unknown): BatchError {
    const missing = this.notFound.map(({ value, position }) => ({
      ...asAddress(value),
      position,
      status: 404,
      code: "not_found" as const,
      reason: "There is no such document.",
      retryable: false,
    }));
    return toBatchError(cause, {
      errors: inOrder([...missing, ...this.errors]),
      unprocessed: [...this.unsettled.keys()],
      result: this.result(),
    });
  }
}

/** Asked for by address and by id in different requests, a document comes twice. */
function once(documents: Round["documents"]): FoundDocument[] {
  const seen = new Set<string>();
  return documents
    .map(({ value }) => value)
    .filter(({ collection, _id }) => {
      const address = `${collection}\0${_id}`;
      return !seen.has(address) && seen.add(address);
    });
}

/** A document of several collections has one place: the sort is stable. */
function inOrder<Each extends { readonly position: number }>(
  list: readonly Each[],
): Each[] {
  return [...list].sort((a, b) => a.position - b.position);
}
