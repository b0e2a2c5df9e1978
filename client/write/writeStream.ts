import { aborted } from "../transport/abort";
import { BatchError } from "../errors/BatchError";
import type { ClientContext } from "../transport/ClientContext";
import type {
  WriteInput,
  WriteStreamOptions,
  WriteStreamResult,
} from "../types";
import type { WriteResultCollector } from "./WriteResultCollector";
import { WriteCall } from "./WriteCall";
import type { WriteCommand } from "./WriteCommand";

/** A stream that writes what it is given, in requests as large as the server takes. */
export function openWriteStream<T extends object>(
  context: ClientContext,
  command: Omit<WriteCommand, "onPart" | "options" | "total">,
  options: WriteStreamOptions<T>,
): WritableStream<WriteInput<T>> {
  const stop = new AbortController();
  const { signal } = options;
  const onAbort = (): void => stop.abort(signal?.reason);
  const leave = (): void => signal?.removeEventListener("abort", onAbort);
  let call: WriteCall;

  async function attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (cause) {
      leave();
      throw await call.failure(cause);
    }
  }

  return new WritableStream({
    async start(controller) {
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      call = await WriteCall.open(context, {
        ...command,
        total: undefined,
        options: { ...options, signal: stop.signal },
        onPart: (results) => deliver(results, options),
      });
      stop.signal.addEventListener("abort", () => {
        // also while nothing is being written
        void call
          .failure(aborted(stop.signal))
          .then((error) => controller.error(error));
      });
    },
    write: (document) => attempt(() => call.push(document)),
    async close() {
      await attempt(() => call.finish());
      leave();
    },
    async abort(reason) {
      leave();
      stop.abort(reason);
      await call.failure(aborted(stop.signal));
    },
  });
}

function deliver<T extends object>(
  results: WriteResultCollector,
  { onErrors, onResult }: WriteStreamOptions<T>,
): void {
  if (results.hasErrors && onErrors === undefined) {
    throw new BatchError(
      "Documents failed, and the stream has no onErrors callback",
      {
        id: "batch.client.documents_failed",
        status: 400,
      },
    );
  }
  const part = results.take() as WriteStreamResult<T>;
  if (part.errors.length > 0) {
    onErrors?.(part.errors);
  }
  if (part.errors.length + part.successes.length > 0) {
    onResult?.(part);
  }
}
