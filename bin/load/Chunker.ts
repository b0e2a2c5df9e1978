import assert from "node:assert/strict";

import { Splitter } from "../../client/transport/split";
import type { DocumentRow, RejectedRow, Row } from "../input/rows";
import { BODY_BYTES, PLAIN, type Wrap, wrapBytes } from "./wrap";

/** The rows of one request, and those rejected between them. */
export interface Chunk {
  readonly documents: readonly DocumentRow[];
  readonly rejected: readonly RejectedRow[];
  /** up to where the input has been read: offset in bytes, and rows */
  readonly end: number;
  readonly rows: number;
}

export interface ChunkLimits {
  /** bytes of a request's body */
  readonly maxBytes: number;
  readonly maxDocuments: number;
}

/** Rejected rows wait for their chunk; this is their maximum number. */
const MAX_REJECTED = 1_000;
const MAX_REJECTED_CHARACTERS = 1024 * 1024;

/**
 * Fills requests with rows, each as full as possible. From a given row on, the same
 * rows and limits yield the same requests.
 */
export class Chunker {
  private readonly splitter: Splitter<DocumentRow>;
  private rejected: RejectedRow[] = [];
  private rejectedCharacters = 0;
  private last: Row | undefined;

  constructor({ maxBytes, maxDocuments }: ChunkLimits, wrap: Wrap = PLAIN) {
    this.splitter = new Splitter<DocumentRow>(
      { maxBytes, maxCount: maxDocuments, envelopeBytes: BODY_BYTES },
      ({ wire }) => wire.length + wrapBytes(wrap),
    );
  }

  /** @returns the chunks that this row completes: the one before it, its own, or both */
  add(row: Row): Chunk[] {
    if (row.kind === "rejected") {
      this.last = row;
      this.rejected.push(row);
      this.rejectedCharacters += row.members.length;
      const isFull =
        this.rejected.length === MAX_REJECTED ||
        this.rejectedCharacters > MAX_REJECTED_CHARACTERS;
      return isFull ? this.close() : [];
    }
    const chunks = this.splitter.push(row).map((part) => {
      assert(
        part.kind === "chunk",
        "rows too large for a request are rejected",
      );
      if (part.items.at(-1) === row) this.last = row;
      return this.chunk(part.items);
    });
    this.last = row;
    return chunks;
  }

  /** @returns the open chunk, if any */
  close(): Chunk[] {
    const documents = this.splitter.flush().flatMap(({ items }) => items);
    const isEmpty = documents.length + this.rejected.length === 0;
    return isEmpty ? [] : [this.chunk(documents)];
  }

  private chunk(documents: readonly DocumentRow[]): Chunk {
    const { rejected } = this;
    const { end, row: rows } = this.last as Row;
    this.rejected = [];
    this.rejectedCharacters = 0;
    return { documents, rejected, end, rows };
  }
}
