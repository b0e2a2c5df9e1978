import type { CallOptions } from "../types";

/** What to read, and how. */
export interface GetCommand {
  readonly index: string;
  /** collection of documents that name none */
  readonly collection: string | undefined;
  /** arguments of each request, such as `source` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly options: CallOptions;
}
