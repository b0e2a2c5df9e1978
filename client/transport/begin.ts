import { aborted, unlessAborted } from "./abort";
import type { Identity } from "./Connection";
import { checkOptions, type CheckedOptions } from "../options";
import type { Tools } from "./ClientContext";
import type { CallOptions, RequestLimits } from "../types";

/** What a call has to know before its first request. */
export interface Beginning {
  readonly options: CheckedOptions;
  readonly limits: RequestLimits;
  readonly identity: Identity;
}

/**
 * @throws {RangeError} for unsound options; {BatchError} where the server's limits
 * can't be had, or the signal is aborted
 */
export async function begin(
  { limits, connection }: Tools,
  asked: CallOptions,
): Promise<Beginning> {
  const options = checkOptions(asked);
  const { signal } = asked;
  if (signal?.aborted) {
    throw aborted(signal);
  }
  const both = Promise.all([
    limits.get(options.retryForMs),
    connection.identity(),
  ]);
  const [known, identity] = await unlessAborted(both, signal, async (by) => {
    throw aborted(by);
  });
  return { options, limits: known, identity };
}
