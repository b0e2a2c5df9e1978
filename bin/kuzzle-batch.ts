#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

import { main } from "./program";
import { EXIT } from "./usage";

// Rows are short-lived: V8 would give the young generation 50 MB more than it needs.
setFlagsFromString("--semi-space-growth-factor=1");

const stop = new AbortController();
let signalled: number | undefined;

/** The first signal ends the command gracefully, the second one at once. */
function onSignal(code: number): void {
  if (signalled !== undefined) process.exit(code);
  signalled = code;
  stop.abort();
}
process.on("SIGINT", () => onSignal(EXIT.interrupted));
process.on("SIGTERM", () => onSignal(EXIT.terminated));

process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  process.exit(code === "EPIPE" ? EXIT.outputClosed : EXIT.brokenOff);
});

main(process.argv, stop.signal).then(
  (code) =>
    process.exit(code === EXIT.interrupted ? (signalled ?? code) : code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(EXIT.brokenOff);
  },
);
