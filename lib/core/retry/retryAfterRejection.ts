import type { ExecutionContext } from "../ExecutionContext";
import type { Outcome } from "../outcome";
import { newRequestStats } from "../RequestStats";
import { sendCallWithRetries } from "./sendWithRetries";

/**
 * Sends again what the engine rejected as a whole for too much load, as often
 * and as slowly as any other call.
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
  // no request counts what its journal costs
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
