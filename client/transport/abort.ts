import { BatchError } from "../errors/BatchError";

export function aborted(signal: AbortSignal): BatchError<never> {
  return new BatchError("Aborted", {
    id: "batch.client.aborted",
    status: 0,
    cause: signal.reason,
  });
}

/** Resolves as `work`, or as `onAbort` once the signal is aborted. Leaves no listener. */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  onAbort: (signal: AbortSignal) => Promise<never>,
): Promise<T> {
  if (signal === undefined) {
    return work;
  }
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      onAbort(signal).catch(reject);
    };
    if (signal.aborted) {
      giveUp();
    } else {
      signal.addEventListener("abort", giveUp, { once: true });
    }
    work
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", giveUp));
  });
}
