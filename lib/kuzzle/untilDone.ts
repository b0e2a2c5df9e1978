const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Retries until an attempt succeeds, with increasing pauses.
 *
 * @param failed called for each attempt that failed
 * @param sleep in milliseconds
 */
export async function untilDone(
  attempt: () => Promise<void>,
  failed: (error: unknown) => void,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      await attempt();
      return;
    } catch (error) {
      failed(error);
    }
    await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS));
  }
}
