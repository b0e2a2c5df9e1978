import type { CallOptions } from "../types";
import type { ClientContext } from "../transport/ClientContext";
import { WriteCall } from "./WriteCall";
import type { WriteResultCollector } from "./WriteResultCollector";

/** What is to be written, and how. */
export interface WriteCommand {
  readonly action: "mWrite" | "mUpdate";
  readonly index: string;
  readonly collection: string;
  /** of each request, such as `refresh` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly atomic: boolean;
  readonly idempotencyKey: string | undefined;
  /** of the documents, where it is known */
  readonly total: number | undefined;
  readonly options: CallOptions;
  /**
   * For an endless input: called with all results, of which nothing is kept. Without
   * it, a strict call waits for the whole input, since an invalid document at its end
   * stops it all.
   */
  readonly onPart?: (results: WriteResultCollector) => void;
}

/** Writes all documents of a list. @throws {BatchError} as the public methods do */
export async function writeAll(
  context: ClientContext,
  command: WriteCommand,
  documents: Iterable<unknown>,
): Promise<ReturnType<WriteResultCollector["result"]>> {
  const call = await WriteCall.open(context, command);
  try {
    for (const document of documents) {
      await call.push(document);
    }
    await call.finish();
  } catch (cause) {
    throw await call.failure(cause);
  }
  return call.results.result();
}
