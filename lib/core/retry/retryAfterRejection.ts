import type { ExecutionContext } from "../ExecutionContext";
import type { Outcome } from "../outcome";
import { newRequestStats } from "../RequestStats";
import { sendCallWithRetries } from "./sendWithRetries";

/**
 * Retries a call that the engine rejected as a whole because of overload, as often and
 * as slowly as any other call.
 *
 * @throws {EngineError} the last one
 */
export async function retryAfterRejection<T>(
  execution: ExecutionContext,
  send: () => Promise<T>,
): Promise<T> {
  let thrown: unknown;
  const call = async (): Promise<{ outcomes: Outcome<T>[] }> => {
    try {
      return { outcomes: [{ ok: true, value: await send() }] };
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  // the calls of a journal do not count in the stats of a request
  const [result] = await sendCallWithRetries<undefined, T>(
    [undefined],
    { send: call },
    execution,
    newRequestStats(),
  );
  if (result?.ok) {
    return result.value;
  }
  throw thrown;
}
