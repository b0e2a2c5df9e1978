import { BatchError } from "../errors/BatchError";
import { atLeast } from "../options";
import { aborted } from "../transport/abort";
import type { ClientContext } from "../transport/ClientContext";
import type {
  WriteInput,
  WriteStreamOptions,
  WriteStreamResult,
} from "../types";
import type { WriteResultCollector } from "./WriteResultCollector";
import { WriteCall } from "./WriteCall";
import type { WriteCommand } from "./WriteCommand";

/**
 * A stream that writes its chunks, in requests as large as the server accepts or, with
 * `flushIntervalMs`, as large as that time allows.
 *
 * @throws {RangeError} for an invalid `flushIntervalMs`
 */
export function openWriteStream<T extends object>(
  context: ClientContext,
  command: Omit<WriteCommand, "onPart" | "onFailure" | "options" | "total">,
  { flushIntervalMs, ...options }: WriteStreamOptions<T>,
): WritableStream<WriteInput<T>> {
  if (flushIntervalMs !== undefined) {
    atLeast(0, "flushIntervalMs", flushIntervalMs);
  }
  const stop = new AbortController();
  const ended = new AbortController();
  const { signal } = options;
  const onAbort = (): void => stop.abort(signal?.reason);
  let call: WriteCall;
  let lastStep: Promise<void> = Promise.resolve();
  let isFlushPlanned = false;

  function leave(): void {
    signal?.removeEventListener("abort", onAbort);
    ended.abort();
  }

  /** Runs one step after the other: a timed flush must not overtake a write. */
  function attempt(step: () => Promise<void>): Promise<void> {
    const work = lastStep.then(step).catch(async (cause: unknown) => {
      leave();
      throw await call.failure(cause);
    });
    lastStep = work.catch(() => undefined);
    return work;
  }

  async function planFlush(
    controller: WritableStreamDefaultController,
  ): Promise<void> {
    if (flushIntervalMs === undefined || isFlushPlanned) return;
    isFlushPlanned = true;
    await context.clock.sleep(flushIntervalMs, ended.signal);
    isFlushPlanned = false;
    if (ended.signal.aborted) return;
    await attempt(() => call.flush()).catch((error: unknown) =>
      controller.error(error),
    );
  }

  return new WritableStream({
    async start(controller) {
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      // also while nothing is being written
      const fail = (cause: unknown): void => {
        leave();
        void call.failure(cause).then((error) => controller.error(error));
      };
      call = await WriteCall.open(context, {
        ...command,
        total: undefined,
        options: { ...options, signal: stop.signal },
        onPart: (results) => deliver(results, options),
        onFailure: fail,
      });
      stop.signal.addEventListener("abort", () => fail(aborted(stop.signal)));
    },
    async write(document, controller) {
      await attempt(async () => call.push(document));
      void planFlush(controller);
    },
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
  { onErrors, onResult }: Pick<WriteStreamOptions<T>, "onErrors" | "onResult">,
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
