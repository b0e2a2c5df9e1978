import { readFileSync } from "node:fs";

const INTERVAL_MS = 100;
const KILOBYTES_PER_MEGABYTE = 1024;

/** How much the memory of another process grows while it is watched. */
export interface MemoryWatch {
  /** Starts or resumes watching; the first call sets the baseline. */
  start(): void;
  pause(): void;
  stop(): void;
  /** From the baseline to the highest value seen. */
  grownMegabytes(): number;
}

/** By the resident set size, as Linux reports it. */
export function watchMemory(pid: number): MemoryWatch {
  let first: number | undefined;
  let highest = 0;
  let isOn = false;
  const look = (): void => {
    if (isOn) {
      highest = Math.max(highest, residentKilobytes(pid));
    }
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    start: () => {
      isOn = true;
      first ??= residentKilobytes(pid);
      look();
    },
    pause: () => {
      look();
      isOn = false;
    },
    stop: () => clearInterval(timer),
    grownMegabytes: () => (highest - (first ?? 0)) / KILOBYTES_PER_MEGABYTE,
  };
}

function residentKilobytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}
