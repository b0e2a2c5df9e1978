import type { SearchQuery } from "../search/query";
import type { Place } from "../search/searchIds";
import type { ExportFormat } from "./writers";

/** What to export, and where to. */
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
  /** maximum number of ids per request */
  readonly maxRequestIds: number;
  /** maximum bytes of the ids of a request, as JSON */
  readonly maxRequestBytes: number;
  /** maximum number of ids per page of a search */
  readonly maxPageIds: number;
}

export interface ExportCounts {
  /** documents in the output */
  readonly exported: number;
  /** documents that the search found and that were deleted before they were read */
  readonly deleted: number;
  /** documents that could not be read */
  readonly errors: number;
}

export interface ExportReport {
  onFound(count: number): void;
  /**
   * Called when the search is over, with the number of documents and how many of them
   * an earlier run has exported.
   */
  onListed(total: number, done: number): void;
  onProgress(done: number): void;
  /** a document that could not be read: a line of JSON */
  onError(line: string): void;
  onNote(text: string): void;
}

export interface ExportResult {
  readonly end: "all" | "signal" | "already complete";
  readonly counts: ExportCounts;
  /** paths of the first values that have no column of CSV */
  readonly leftOut: readonly string[];
}
