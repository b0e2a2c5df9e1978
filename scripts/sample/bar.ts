import { SingleBar } from "cli-progress";

import type { Log } from "../stack/progress";

export interface Bar {
  advance(by: number): void;
  stop(): void;
}

/** A progress bar in a terminal, a line per 10 % elsewhere (as in CI logs). */
export function newBar(total: number, log: Log): Bar {
  return process.stdout.isTTY ? drawn(total) : printed(total, log);
}

function drawn(total: number): Bar {
  const bar = new SingleBar({
    format:
      "  {bar} {percentage} % | {value} of {total} | {duration_formatted}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    gracefulExit: true, // Ctrl-C restores the terminal
  });
  bar.start(total, 0);
  return { advance: (by) => bar.increment(by), stop: () => bar.stop() };
}

function printed(total: number, log: Log): Bar {
  let done = 0;
  let tenths = 0;
  return {
    advance: (by) => {
      done += by;
      const now = Math.floor((done * 10) / total);
      if (now > tenths) log(`  ${now * 10} % (${done} of ${total})`);
      tenths = now;
    },
    stop: () => {},
  };
}
