import type {
  Address,
  FoundDocument,
  Operation,
  WriterResult,
} from "../../types";

/** An operation and its caller's promise. */
export interface Pending<Input, Output> {
  readonly input: Input;
  /** identifies its document within the writer, if it has an id */
  readonly target: string | undefined;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

export type PendingWrite = Pending<Operation, WriterResult>;
export type PendingGet = Pending<Address, FoundDocument | null>;

/** Operations that are sent together: the writes in one call, the gets in another. */
export class Round {
  readonly writes: PendingWrite[] = [];
  readonly gets: PendingGet[] = [];
  /** whether to send it without waiting for more */
  isDue = false;
  private readonly written = new Set<string>();
  private readonly read = new Set<string>();

  get size(): number {
    return this.writes.length + this.gets.length;
  }

  /** The documents that no other round may touch at the same time. */
  get targets(): ReadonlySet<string> {
    return new Set([...this.written, ...this.read]);
  }

  has(target: string | undefined): boolean {
    return (
      target !== undefined &&
      (this.written.has(target) || this.read.has(target))
    );
  }

  /** The two calls run concurrently, so a document is in only one of them. */
  takesWrite(target: string | undefined): boolean {
    return target === undefined || !this.read.has(target);
  }

  takesGet(target: string): boolean {
    return !this.written.has(target);
  }

  addWrite(write: PendingWrite): void {
    this.writes.push(write);
    if (write.target !== undefined) this.written.add(write.target);
  }

  addGet(get: PendingGet & { readonly target: string }): void {
    this.gets.push(get);
    this.read.add(get.target);
  }
}
