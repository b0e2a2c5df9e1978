import type { ClientContext } from "../transport/ClientContext";
import { WriteCall } from "./WriteCall";
import type { WriteCommand } from "./WriteCommand";
import type { WriteResultCollector } from "./WriteResultCollector";

/** Writes all documents of a list. @throws {BatchError} as the public methods do */
export async function writeAll(
  context: ClientContext,
  command: WriteCommand,
  documents: Iterable<unknown>,
): Promise<ReturnType<WriteResultCollector["result"]>> {
  const call = await WriteCall.open(context, command);
  try {
    for (const document of documents) {
      const busy = call.push(document);
      if (busy !== undefined) await busy;
    }
    await call.finish();
  } catch (cause) {
    throw await call.failure(cause);
  }
  return call.results.result();
}
