import type { CallOptions } from "../types";
import type { WriteTarget } from "./targets";
import type { WriteResultCollector } from "./WriteResultCollector";

/** What to write, and how. */
export interface WriteCommand extends WriteTarget {
  readonly index: string;
  /** arguments of each request, such as `refresh` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly atomic: boolean;
  readonly idempotencyKey: string | undefined;
  /** number of documents, if known */
  readonly total: number | undefined;
  readonly options: CallOptions;
  /**
   * For an endless input: called with all results, none of which are kept. Without it,
   * a strict call waits for the whole input, because an invalid document at its end
   * stops the whole call.
   */
  readonly onPart?: (results: WriteResultCollector) => void;
  /** For an input that may pause: called as soon as an error ends the call. */
  readonly onFailure?: (cause: unknown) => void;
}
