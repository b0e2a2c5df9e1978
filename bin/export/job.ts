import type { SearchQuery } from "../search/query";
import type { Place } from "../search/searchIds";
import type { ExportFormat } from "./writers";

/** What is exported, and where to. */
export interface ExportJob {
  readonly place: Place;
  readonly search: SearchQuery;
  readonly format: ExportFormat;
  /** of CSV */
  readonly delimiter: string;
  /** only these fields; undefined: all */
  readonly fields: readonly string[] | undefined;
  /** a file, or `-` */
  readonly output: string;
  readonly checkpointFile: string | undefined;
  readonly concurrency: number;
  /** ids of a request at most */
  readonly maxRequestIds: number;
  /** bytes of the ids of a request, as JSON */
  readonly maxRequestBytes: number;
  /** ids that a search returns at once at most */
  readonly maxPageIds: number;
}

export interface ExportCounts {
  /** documents in the output */
  readonly exported: number;
  /** found by the search, and gone when they were read */
  readonly deleted: number;
  /** that could not be read */
  readonly errors: number;
}

export interface ExportReport {
  onFound(count: number): void;
  /** the search is over: so many are to be read, and so many were by an earlier run */
  onListed(total: number, done: number): void;
  onProgress(done: number): void;
  /** a document that could not be read: a line of JSON */
  onError(line: string): void;
  onNote(text: string): void;
}

export interface ExportResult {
  readonly end: "all" | "signal" | "already complete";
  readonly counts: ExportCounts;
  /** paths of values that no column of CSV has, the first of them */
  readonly leftOut: readonly string[];
}
