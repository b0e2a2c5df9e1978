import { setTimeout as sleep } from "node:timers/promises";

import type { Connection } from "../connection/connection";
import {
  ReliableConnection,
  ServerGone,
} from "../connection/ReliableConnection";
import { openConnection } from "../connection/open";
import { Samples } from "../metrics/samples";
import { type Reading, view } from "../metrics/view";
import type { ConnectionFlags } from "../options";
import type { Terminal } from "../output/Terminal";
import { EXIT, type ExitCode } from "../usage";

export interface MetricsFlags extends ConnectionFlags {
  readonly interval: number;
  readonly once: boolean;
}

const METRICS = {
  controller: "batch",
  action: "metrics",
  http: { method: "GET", path: "/_/batch/metrics" },
} as const;

/** Moves the cursor to the top left and clears everything below. */
const HOME = "\x1b[H\x1b[J";
const OTHER_SCREEN = "\x1b[?1049h\x1b[?25l";
const OWN_SCREEN = "\x1b[?25h\x1b[?1049l";

/** Shows a node's metrics until it is interrupted. */
export async function runMetrics(
  flags: MetricsFlags,
  terminal: Terminal,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<ExitCode> {
  const connection = await openConnection(flags, terminal);
  const reliable = new ReliableConnection(connection, {
    ...{ retryForMs: 0, onWait: () => undefined, signal },
  });
  const isLive = out.isTTY && !flags.once;
  try {
    let before = await read(connection);
    if (flags.once) {
      print(out, [
        "in total since the node started",
        "",
        ...view(before, undefined),
      ]);
      return EXIT.done;
    }
    if (isLive) {
      out.write(OTHER_SCREEN);
      show(out, connection, ["…"]);
    }
    for (;;) {
      if (!(await pause(flags.interval * 1000, signal))) {
        return EXIT.interrupted;
      }
      const now = await readOrWhy(reliable);
      const lines = typeof now === "string" ? [now] : view(now, before);
      if (isLive) show(out, connection, lines);
      else print(out, [new Date().toISOString(), ...lines, ""]);
      if (typeof now !== "string") before = now;
    }
  } finally {
    if (isLive) out.write(OWN_SCREEN);
    connection.close();
  }
}

async function read(server: Pick<Connection, "call">): Promise<Reading> {
  const result = await server.call(METRICS);
  const text =
    typeof result === "string" ? result : (result as { text: string }).text;
  return { samples: Samples.parse(text), atMs: performance.now() };
}

/** If the server is unavailable, the next interval tries again. */
async function readOrWhy(
  reliable: ReliableConnection,
): Promise<Reading | string> {
  try {
    return await read(reliable);
  } catch (error) {
    if (error instanceof ServerGone) return `no response: ${error.message}`;
    throw error;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

function show(
  out: NodeJS.WriteStream,
  { server }: Connection,
  lines: readonly string[],
): void {
  const time = new Date().toLocaleTimeString("en-GB");
  out.write(
    `${HOME}${server}  ${time}  (Ctrl-C ends)\n\n${lines.join("\n")}\n`,
  );
}

function print(out: NodeJS.WriteStream, lines: readonly string[]): void {
  out.write(`${lines.join("\n")}\n`);
}
