import { EngineError, type ExecutionContext } from "../ExecutionContext";

/**
 * Sends again what the engine rejected as a whole for too much load, as often
 * and as slowly as any other call.
 *
 * @throws {EngineError}
 */
export async function retryAfterRejection<T>(
  { backoff, clock }: ExecutionContext,
  send: () => Promise<T>,
): Promise<T> {
  for (let sent = 1; ; sent++) {
    try {
      return await send();
    } catch (error) {
      const mayGoAgain = error instanceof EngineError && error.retryable;
      if (!mayGoAgain || sent > backoff.policy.maxRetries) {
        throw error;
      }
      await clock.sleep(backoff.delayMs("rejected", sent));
    }
  }
}
