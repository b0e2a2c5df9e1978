import type { CallOptions } from "../types";

/** What is to be read, and how. */
export interface GetCommand {
  readonly index: string;
  /** for the documents that name none */
  readonly collection: string | undefined;
  /** of each request, such as `source` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly options: CallOptions;
}
