/** Nodes of Kuzzle that are one cluster, on one machine. */
import assert from "node:assert/strict";

import { type RunningKuzzle, startKuzzle } from "../../../scripts/stack/kuzzle";
import { freePorts } from "../../../scripts/stack/ports";
import { givenEngines } from "../engines";
import { KuzzleClient } from "../KuzzleClient";
import { until } from "../until";
import type { ClusterAddress } from "./ownAddress";

const APP = "test/load/cluster/app.ts";
/** Each start takes an address of its own: those of the dead are known for a while. */
const MAX_STARTS = 40;
const PORTS = { command: 7510, sync: 7511 } as const;
/** A node is taken for dead after three to six seconds (Kuzzle's default). */
const HEARTBEAT_MS = 2_000;

export class Node {
  constructor(
    readonly kuzzle: RunningKuzzle,
    /** as the administrator */
    readonly client: KuzzleClient,
  ) {}

  /** As when its machine goes. */
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
    /** by number, of HTTP servers */
    private readonly ports: readonly number[],
  ) {}

  static async create(): Promise<Cluster> {
    const names = Array.from({ length: MAX_STARTS }, (_, number) =>
      Object.values(PORTS).map((port) => `tcp://${ipOf(number)}:${port}`),
    ).flat();
    // All at once: two nodes that start together must not find the same one free.
    const ports = await freePorts(names.length + MAX_STARTS);
    return new Cluster(
      Object.fromEntries(
        names.map((name, i) => [name, `tcp://127.0.0.1:${ports[i]}`]),
      ),
      ports.slice(names.length),
    );
  }

  /**
   * @param config laid over Kuzzle's own, as in `test:kill`
   * @param port of its HTTP server; default: one of its own
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

/** All know of each other, and of nobody else. */
export async function untilTogether(nodes: readonly Node[]): Promise<void> {
  for (const { client } of nodes) {
    await until("the nodes are not together", async () => {
      // An error is one of a node that has not joined yet.
      const { result } = await client.query({
        controller: "cluster",
        action: "status",
      });
      const { activeNodes } = (result ?? {}) as { activeNodes?: number };
      return activeNodes === nodes.length;
    });
  }
}

/** Of a network that does not exist. */
function ipOf(number: number): string {
  return `10.77.0.${number + 1}`;
}
