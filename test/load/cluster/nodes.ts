/** Kuzzle nodes that form one cluster on one machine. */
import assert from "node:assert/strict";

import { type RunningKuzzle, startKuzzle } from "../../../scripts/stack/kuzzle";
import { freePorts } from "../../../scripts/stack/ports";
import { givenEngines } from "../engines";
import { KuzzleClient } from "../KuzzleClient";
import { until } from "../until";
import type { ClusterAddress } from "./ownAddress";

const APP = "test/load/cluster/app.ts";
/** Each start needs a new address, because those of dead nodes are remembered for a while. */
const MAX_STARTS = 40;
const PORTS = { command: 7510, sync: 7511 } as const;
/** A node is considered dead after three to six seconds (Kuzzle's default). */
const HEARTBEAT_MS = 2_000;

export class Node {
  constructor(
    readonly kuzzle: RunningKuzzle,
    /** as the administrator */
    readonly client: KuzzleClient,
  ) {}

  /** As if its machine failed. */
  async kill(): Promise<void> {
    process.kill(-this.kuzzle.pid, "SIGKILL");
    await this.kuzzle.exited;
  }

  pause(): void {
    process.kill(-this.kuzzle.pid, "SIGSTOP");
  }

  continue(): void {
    process.kill(-this.kuzzle.pid, "SIGCONT");
  }
}

export class Cluster {
  private starts = 0;
  private admin: Promise<KuzzleClient> | undefined;

  private constructor(
    private readonly endpoints: ClusterAddress["endpoints"],
    /** of the HTTP servers, by number */
    private readonly ports: readonly number[],
  ) {}

  static async create(): Promise<Cluster> {
    const names = Array.from({ length: MAX_STARTS }, (_, number) =>
      Object.values(PORTS).map((port) => `tcp://${ipOf(number)}:${port}`),
    ).flat();
    // All at once: two nodes that start together must not be given the same one.
    const ports = await freePorts(names.length + MAX_STARTS);
    return new Cluster(
      Object.fromEntries(
        names.map((name, i) => [name, `tcp://127.0.0.1:${ports[i]}`]),
      ),
      ports.slice(names.length),
    );
  }

  /**
   * @param config overrides Kuzzle's own, as in `test:kill`
   * @param port of its HTTP server; default: a port of its own
   */
  async start(
    config: Record<string, unknown> = {},
    port?: number,
  ): Promise<Node> {
    const number = this.starts++;
    assert.ok(number < MAX_STARTS, "there are no more addresses");
    const clusterNode: ClusterAddress = {
      ip: ipOf(number),
      endpoints: this.endpoints,
    };
    const kuzzle = await startKuzzle({
      engines: givenEngines(),
      app: APP,
      name: `cluster-${number}`,
      log: () => undefined,
      port: port ?? this.ports[number]!,
      config: {
        cluster: { enabled: true, heartbeat: HEARTBEAT_MS },
        clusterNode,
        ...config,
      },
    });
    this.admin ??= KuzzleClient.logIn(kuzzle.url);
    return new Node(kuzzle, (await this.admin).at(kuzzle));
  }
}

/** Waits until all nodes know each other, and nobody else. */
export async function untilTogether(nodes: readonly Node[]): Promise<void> {
  for (const { client } of nodes) {
    await until("the nodes are not together", async () => {
      // An error comes from a node that has not joined yet.
      const { result } = await client.query({
        controller: "cluster",
        action: "status",
      });
      const { activeNodes } = (result ?? {}) as { activeNodes?: number };
      return activeNodes === nodes.length;
    });
  }
}

/** An address in a network that does not exist. */
function ipOf(number: number): string {
  return `10.77.0.${number + 1}`;
}
