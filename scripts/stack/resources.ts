import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

/**
 * What must not outlive the launcher, and how another process cleans it up when the
 * launcher cannot: kill a process group, remove a file or folder, run a command.
 */
export type Leftover =
  | { readonly kill: number }
  | { readonly remove: string }
  | { readonly run: readonly string[] };

/** Releases a resource; a second call waits for the first. */
export type Release = () => Promise<void>;

const held = new Map<number, Release>();
let lastId = 0;
let closing = false;
let watchdog: ChildProcess | undefined;

/**
 * Holds a resource until it is released by the returned function, by `releaseAll`, or
 * by the watchdog when this process dies.
 */
export function hold(
  leftover: Leftover,
  release: () => Promise<void> | void,
): Release {
  const id = ++lastId;
  let released: Promise<void> | undefined;
  const once: Release = () =>
    (released ??= (async () => {
      try {
        await release();
        tellWatchdog({ id }); // not on failure: then the watchdog cleans it up
      } finally {
        held.delete(id);
      }
    })());

  held.set(id, once);
  tellWatchdog({ id, leftover });
  return once;
}

/**
 * Releases everything, last first, and prevents anything new from starting. Failures
 * are reported and do not stop the rest.
 */
export async function releaseAll(): Promise<void> {
  closing = true;
  for (let last = youngest(); last !== undefined; last = youngest()) {
    await last().catch((error: Error) => console.error(`✗ ${error.message}`));
  }
}

/** Throws if the stack is being stopped, because nothing may be started then. */
export function assertOpen(): void {
  if (closing) throw new Error("The stack is being stopped.");
}

function youngest(): Release | undefined {
  return [...held.values()].at(-1);
}

function tellWatchdog(message: { id: number; leftover?: Leftover }): void {
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`${JSON.stringify(message)}\n`);
}

function startWatchdog(): ChildProcess {
  const script = path.resolve(__dirname, "../watchdog.js");
  const child = spawn(process.execPath, [script], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  child.stdin.on("error", () => {}); // it was killed
  // The pipe must not keep a process alive that has nothing else to do.
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return child;
}
