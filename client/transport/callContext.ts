import { aborted, unlessAborted } from "./abort";
import { notBegun } from "../errors/toBatchError";
import type { Identity } from "./RequestSender";
import { checkOptions, type CheckedOptions } from "../options";
import type { ClientContext } from "./ClientContext";
import { documentParser, type Parse } from "./numbers";
import type { CallOptions, RequestLimits } from "../types";

/** What a call must know before its first request. */
export interface CallContext {
  readonly options: CheckedOptions;
  readonly limits: RequestLimits;
  readonly identity: Identity;
  /** for documents that are requested as text; undefined if none are */
  readonly parse: Parse | undefined;
}

/**
 * @param total number of documents, if known
 * @throws {RangeError} for invalid options
 * @throws {BatchError} if the server's limits cannot be requested, or the signal is
 *   aborted
 */
export async function openCallContext(
  context: ClientContext,
  requested: CallOptions,
  total: number | undefined,
): Promise<CallContext> {
  const options = checkOptions(requested);
  try {
    return await askServer(context, options, requested.signal);
  } catch (cause) {
    throw notBegun(cause, total);
  }
}

async function askServer(
  { limits, connection }: ClientContext,
  options: CheckedOptions,
  signal: AbortSignal | undefined,
): Promise<CallContext> {
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
  const { numbers } = options;
  const parse = numbers && (await documentParser(numbers));
  return { options, limits: known, identity, parse };
}
