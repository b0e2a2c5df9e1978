/** Receives the launcher's messages, one line each. */
export type Log = (line: string) => void;

const HEARTBEAT_MS = 10_000;

export const toTerminal: Log = (line) => console.log(line);

/**
 * Announces a piece of work, reports every ten seconds that it is still running, and
 * finally how long it took. `detail` describes its progress.
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
