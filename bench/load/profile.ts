import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { WebSocket } from "ws";

import { playTurn } from "./measure";
import type { LoadScenario } from "./scenario";
import { STACK } from "../../scripts/stack/paths";

const TURNS = 4;
const TOP = 40;

/** The whole profiles, which Chrome's DevTools can show. */
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
  /** microseconds between a sample and the one before */
  readonly timeDeltas: readonly number[];
}

/**
 * V8's CPU profile of Kuzzle while a scenario's variants run, one after the other:
 * the functions in which most time is spent, in microseconds a request.
 */
export async function profileLoad(
  { id, callers, variants }: LoadScenario,
  inspectorPort: number,
): Promise<string> {
  const inspector = await Inspector.connect(inspectorPort);
  const lines: string[] = [];
  for (const variant of variants) {
    await playTurn(variant, callers);
    await playTurn(variant, callers);
    await inspector.ask("Profiler.enable");
    await inspector.ask("Profiler.start");
    let requests = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      requests += (await playTurn(variant, callers)).length;
    }
    const { profile } = (await inspector.ask("Profiler.stop")) as {
      profile: Profile;
    };
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(
      path.join(FOLDER, `${id}-${variant.name}.cpuprofile`),
      JSON.stringify({ ...profile, requests }),
    );
    lines.push(`\n${id} ${variant.name}: ${requests} requests`);
    lines.push(...topLines(profile, requests));
  }
  inspector.close();
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

/** Chrome's protocol, as far as a profile needs it. */
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

  ask(method: string): Promise<unknown> {
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
