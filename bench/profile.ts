import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Session } from "node:inspector/promises";
import { WebSocket } from "ws";

import { STACK } from "../scripts/stack/paths";
import { playTurn } from "./load/measure";
import type { LoadScenario } from "./load/scenario";
import type { Scenario } from "./scenario";

const TURN_MS = 1_500;
const WARM_UP_TURNS = 2;
const TURNS = 4;
const TOP = 40;

/** The complete profiles, which Chrome's DevTools can open. */
const FOLDER = path.join(STACK, "profiles");

interface Node {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
}

interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  /** microseconds between consecutive samples */
  readonly timeDeltas: readonly number[];
}

/** A profiled variant of a scenario. */
interface Profiled {
  readonly name: string;
  /**
   * Sends requests for a second or two.
   * @returns how many requests, or rounds, that were
   */
  play(): Promise<number>;
}

/** @see profile */
export function profileLoad(
  { id, callers, variants }: LoadScenario,
  inspectorPort: number,
): Promise<string> {
  const profiled = variants.map((variant) => ({
    name: variant.name,
    play: async () => (await playTurn(variant, callers)).length,
  }));
  return profile(id, profiled, inspectorPort);
}

/** The same for a single caller; figures are per round. @see profile */
export function profileScenario(
  { id, variants }: Scenario,
  inspectorPort: number,
): Promise<string> {
  let round = 0;
  const profiled = variants.map((variant) => ({
    name: variant.name,
    play: async () => {
      const endsAt = performance.now() + TURN_MS;
      const first = round;
      while (performance.now() < endsAt) {
        await variant.prepare?.(round);
        await variant.run(round++);
      }
      return round - first;
    },
  }));
  return profile(id, profiled, inspectorPort);
}

/**
 * Takes V8's CPU profile of Kuzzle, and of this process, which sends the requests,
 * while the variants run one after the other, and lists the functions that take the
 * most time, in microseconds per request.
 */
async function profile(
  id: string,
  variants: readonly Profiled[],
  inspectorPort: number,
): Promise<string> {
  const kuzzle = await Inspector.connect(inspectorPort);
  const callers = new Session();
  callers.connect();
  const lines: string[] = [];
  for (const variant of variants) {
    const { name } = variant;
    for (let turn = 0; turn < WARM_UP_TURNS; turn++) {
      await variant.play();
    }
    for (const each of [kuzzle, callers]) {
      await each.post("Profiler.enable");
      await each.post("Profiler.start");
    }
    let requests = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      requests += await variant.play();
    }
    const profiles = {
      Kuzzle: await kuzzle.post("Profiler.stop"),
      callers: await callers.post("Profiler.stop"),
    };
    mkdirSync(FOLDER, { recursive: true });
    lines.push(`\n${id} ${name}: ${requests} requests`);
    for (const [whose, stopped] of Object.entries(profiles)) {
      const { profile: taken } = stopped as { profile: Profile };
      writeFileSync(
        path.join(FOLDER, `${id}-${name}-${whose}.cpuprofile`),
        JSON.stringify({ ...taken, requests }),
      );
      lines.push(whose, ...topLines(taken, requests));
    }
  }
  callers.disconnect();
  kuzzle.close();
  return lines.join("\n");
}

function topLines(
  { nodes, samples, timeDeltas }: Profile,
  requests: number,
): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const spent = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, i) => {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === "(idle)") {
      return;
    }
    const place = frame.url.replace(/^.*\/(node_modules|dist)\//, "$1/");
    const name = `${frame.functionName || "(anonymous)"} ${place}:${frame.lineNumber + 1}`;
    const microseconds = timeDeltas[i] ?? 0;
    busy += microseconds;
    spent.set(name, (spent.get(name) ?? 0) + microseconds);
  });
  const top = [...spent].sort(([, a], [, b]) => b - a).slice(0, TOP);
  return [
    `${(busy / requests).toFixed(0).padStart(6)} µs a request in all`,
    ...top.map(
      ([name, us]) => `${(us / requests).toFixed(1).padStart(6)} ${name}`,
    ),
  ];
}

/** The part of Chrome's protocol that a profile needs. */
class Inspector {
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private sent = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      const { id, result } = JSON.parse(data.toString()) as {
        id: number;
        result: unknown;
      };
      this.waiting.get(id)?.(result);
      this.waiting.delete(id);
    });
  }

  static async connect(port: number): Promise<Inspector> {
    const answer = await fetch(`http://127.0.0.1:${port}/json`);
    const [target] = (await answer.json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(String(target?.webSocketDebuggerUrl));
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return new Inspector(socket);
  }

  post(method: string): Promise<unknown> {
    const id = this.sent++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method }));
    });
  }

  close(): void {
    this.socket.close();
  }
}
