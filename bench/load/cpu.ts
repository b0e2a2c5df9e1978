import { existsSync, readFileSync } from "node:fs";

import type { Places } from "../world";

/** `USER_HZ`, which is 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time that another process has used so far, in milliseconds. Together with a rate
 * it shows the cost of a request, regardless of other load on the machine.
 */
export function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // the name before may contain spaces
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return ((userTicks + systemTicks) * 1_000) / TICKS_PER_SECOND;
}

/** @returns undefined if the engine is on another machine, or in a container */
export async function enginePidOf(url: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/_nodes/process`);
  const { nodes } = (await answer.json()) as {
    nodes: Record<string, { process: { id: number } }>;
  };
  const pid = Object.values(nodes)[0]?.process.id;
  const name = `/proc/${pid}/comm`;
  return existsSync(name) && readFileSync(name, "utf8").trim() === "java"
    ? pid
    : undefined;
}

/** CPU milliseconds of each process involved; NaN if unknown. */
export interface CpuTimes {
  readonly kuzzle: number;
  readonly engine: number;
  /** of this process, which sends the requests */
  readonly callers: number;
}

export const NO_CPU: CpuTimes = { kuzzle: 0, engine: 0, callers: 0 };

export function cpuTimes({
  kuzzlePid,
  enginePid,
}: Pick<Places, "kuzzlePid" | "enginePid">): CpuTimes {
  return {
    kuzzle: cpuMilliseconds(kuzzlePid),
    engine: enginePid === undefined ? NaN : cpuMilliseconds(enginePid),
    callers: cpuMilliseconds(process.pid),
  };
}

/** `times + weight * others` */
export function addCpu(
  times: CpuTimes,
  others: CpuTimes,
  weight = 1,
): CpuTimes {
  return {
    kuzzle: times.kuzzle + weight * others.kuzzle,
    engine: times.engine + weight * others.engine,
    callers: times.callers + weight * others.callers,
  };
}

export function cpuText({ kuzzle, engine, callers }: CpuTimes): string {
  const each = { Kuzzle: kuzzle, engine, callers };
  const known = Object.entries(each).filter(([, ms]) => !Number.isNaN(ms));
  const sum = known.reduce((total, [, ms]) => total + ms, 0);
  return `${[...known, ["all" as const, sum] as const]
    .map(([name, ms]) => `${name} ${ms.toFixed(3)}`)
    .join(", ")} ms CPU`;
}
