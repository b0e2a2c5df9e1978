import { readFileSync } from "node:fs";

/** `USER_HZ`, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time that another process has used so far, in milliseconds. Beside a rate it
 * tells what a request costs, whatever else the machine does.
 */
export function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // the name before may hold spaces
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return ((userTicks + systemTicks) * 1_000) / TICKS_PER_SECOND;
}
