import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

/**
 * Whatever must not outlive the launcher, and what a stranger has to do about
 * it when the launcher cannot: end a process group, remove a file or folder,
 * run a command.
 */
export type Leftover =
  | { readonly kill: number }
  | { readonly remove: string }
  | { readonly run: readonly string[] };

/** Releases a resource; the second call waits for the first. */
export type Release = () => Promise<void>;

const held = new Map<number, Release>();
let lastId = 0;
let closing = false;
let watchdog: ChildProcess | undefined;

/**
 * Holds a resource until it is released, by the answered function, by
 * `releaseAll`, or by the watchdog when this process dies.
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
        tellWatchdog({ id }); // not when it failed: then it is the watchdog's
      } finally {
        held.delete(id);
      }
    })());

  held.set(id, once);
  tellWatchdog({ id, leftover });
  return once;
}

/**
 * Releases everything, the youngest first, and lets nothing new be started. What
 * cannot be released is said, and keeps nothing else from it.
 */
export async function releaseAll(): Promise<void> {
  closing = true;
  for (let last = youngest(); last !== undefined; last = youngest()) {
    await last().catch((error: Error) => console.error(`✗ ${error.message}`));
  }
}

/** Throws once the stack is being stopped: nothing may be started then. */
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
  child.stdin.on("error", () => {}); // it was killed: nothing more to tell
  // The pipe must not keep a process alive that has nothing else to do.
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return child;
}
