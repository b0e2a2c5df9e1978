/** Where the launcher says what it does: one line at a time. */
export type Log = (line: string) => void;

const HEARTBEAT_MS = 10_000;

export const toTerminal: Log = (line) => console.log(line);

/**
 * Announces a piece of work, says every ten seconds that it still goes on, and
 * how long it took. `detail` is asked for a word on how far it is.
 */
export async function timed<T>(
  log: Log,
  title: string,
  work: () => Promise<T>,
  detail?: () => string,
): Promise<T> {
  const started = Date.now();
  const elapsed = () => seconds(Date.now() - started);
  log(`• ${title}`);
  const heartbeat = setInterval(() => {
    log(`  … ${elapsed()}${detail === undefined ? "" : `, ${detail()}`}`);
  }, HEARTBEAT_MS);
  try {
    const result = await work();
    log(`✓ ${title} (${elapsed()})`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
