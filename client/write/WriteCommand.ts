import type { CallOptions } from "../types";
import type { WriteTarget } from "./targets";
import type { WriteResultCollector } from "./WriteResultCollector";

/** What is to be written, and how. */
export interface WriteCommand extends WriteTarget {
  readonly index: string;
  /** of each request, such as `refresh` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly atomic: boolean;
  readonly idempotencyKey: string | undefined;
  /** of the documents, where it is known */
  readonly total: number | undefined;
  readonly options: CallOptions;
  /**
   * For an endless input: called with all results, none of which are kept. Without
   * it, a strict call waits for the whole input, since an invalid document at its end
   * stops it all.
   */
  readonly onPart?: (results: WriteResultCollector) => void;
  /** For an input that may pause: called with what has ended the call, at once. */
  readonly onFailure?: (cause: unknown) => void;
}
