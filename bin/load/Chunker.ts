import type { DocumentRow, RejectedRow, Row } from "../input/rows";

/** What goes in one request, and what was rejected among it. */
export interface Chunk {
  readonly documents: readonly DocumentRow[];
  readonly rejected: readonly RejectedRow[];
  /** where the input has been read up to: offset in bytes, and rows */
  readonly end: number;
  readonly rows: number;
}

export interface ChunkLimits {
  /** bytes of a request's body */
  readonly maxBytes: number;
  readonly maxDocuments: number;
}

/** `{"documents":[` and `]}` */
export const BODY_BYTES = 16;
const COMMA = 1;

/** Rejected rows wait for their chunk: not more of them than this. */
const MAX_REJECTED = 1_000;
const MAX_REJECTED_CHARACTERS = 1024 * 1024;

/**
 * Fills requests with rows, each as full as it can be. From the same row on, the
 * same rows and limits make the same chunks.
 */
export class Chunker {
  private documents: DocumentRow[] = [];
  private rejected: RejectedRow[] = [];
  private bytes = BODY_BYTES;
  private rejectedCharacters = 0;
  private end = 0;
  private rows = 0;

  constructor(private readonly limits: ChunkLimits) {}

  /** @returns the chunk before this row, when the row does not fit into it */
  add(row: Row): Chunk | undefined {
    const closed = this.isFullFor(row) ? this.close() : undefined;
    if (row.kind === "document") {
      this.documents.push(row);
      this.bytes += row.json.length + COMMA;
    } else {
      this.rejected.push(row);
      this.rejectedCharacters += row.members.length;
    }
    this.end = row.end;
    this.rows = row.row;
    return closed;
  }

  /** What is there; undefined when that is nothing. */
  close(): Chunk | undefined {
    const { documents, rejected, end, rows } = this;
    if (documents.length + rejected.length === 0) return undefined;
    this.documents = [];
    this.rejected = [];
    this.bytes = BODY_BYTES;
    this.rejectedCharacters = 0;
    return { documents, rejected, end, rows };
  }

  private isFullFor(row: Row): boolean {
    const { maxBytes, maxDocuments } = this.limits;
    if (row.kind === "rejected") {
      return (
        this.rejected.length === MAX_REJECTED ||
        this.rejectedCharacters > MAX_REJECTED_CHARACTERS
      );
    }
    return (
      this.documents.length === maxDocuments ||
      this.bytes + row.json.length + COMMA > maxBytes
    );
  }
}

/** The body of a request with these documents. */
export function bodyOf(documents: readonly DocumentRow[]): Buffer {
  const parts: Buffer[] = [];
  documents.forEach(({ json }, i) => parts.push(i === 0 ? HEAD : MORE, json));
  return Buffer.concat([...parts, TAIL]);
}

const HEAD = Buffer.from('{"documents":[');
const MORE = Buffer.from(",");
const TAIL = Buffer.from("]}");
