import type { CallOptions } from "../types";
import type { Tools } from "../transport/ClientContext";
import { WriteCall } from "./WriteCall";
import type { WriteLedger } from "./WriteResultCollector";

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
   * For an input without end: told of all that comes in, of which nothing is kept.
   * Without it, what is strict waits for the whole input, since a defect at its end
   * stops it all.
   */
  readonly onPart?: (ledger: WriteLedger) => void;
}

/** Writes all documents of a list. @throws {BatchError} as the public methods tell */
export async function writeAll(
  tools: Tools,
  command: WriteCommand,
  documents: Iterable<unknown>,
): Promise<ReturnType<WriteLedger["result"]>> {
  const call = await WriteCall.open(tools, command);
  try {
    for (const document of documents) {
      await call.push(document);
    }
    await call.finish();
  } catch (cause) {
    throw await call.failure(cause);
  }
  return call.ledger.result();
}
