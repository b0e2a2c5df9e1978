import { EngineError, type Engine } from "../ExecutionContext";

/**
 * Sends again what the engine refused as a whole for too much load, as often
 * and as slowly as any other call.
 *
 * @throws {EngineError}
 */
export async function patiently<T>(
  { backoff, clock }: Engine,
  send: () => Promise<T>,
): Promise<T> {
  for (let sent = 1; ; sent++) {
    try {
      return await send();
    } catch (error) {
      const mayGoAgain = error instanceof EngineError && error.refused;
      if (!mayGoAgain || sent > backoff.policy.maxRetries) {
        throw error;
      }
      await clock.sleep(backoff.delayMs("rejected", sent));
    }
  }
}
