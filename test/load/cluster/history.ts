/** Many clients on all nodes of a cluster while one node is killed or paused. */
import { setTimeout as sleep } from "node:timers/promises";

import { environment } from "../../../features/support/environment";
import { runRound, type RoundResult } from "../history/round";
import { COLLECTIONS, INDEX } from "../kill/targets";
import type { Cluster, Node } from "./nodes";

export const FAULTS = ["killed", "paused"] as const;
export type Fault = (typeof FAULTS)[number];

const CLIENTS = 9;
const DOCUMENTS = 12;
const PATIENCE_MS = 40_000;
/** How long to work before and after the fault. */
const AROUND_MS = 1_500;
const DOWN_MS = 2_000;
/** Longer than a lease, and than the others wait for a heartbeat. */
const PAUSE_MS = 8_000;
/** How long a node that the others consider dead takes to stop. */
const STOP_MS = 20_000;

/** @param nodes the node with the fault is replaced by its successor */
export function runHistory(
  cluster: Cluster,
  nodes: Node[],
  number: number,
  fault: Fault,
): Promise<RoundResult> {
  const at = number % nodes.length;
  const node = nodes[at] as Node;
  return runRound(
    {
      kuzzles: nodes.map(({ client }) => client),
      count: CLIENTS,
      place: { index: INDEX, collection: COLLECTIONS[0] },
      ids: Array.from(
        { length: DOCUMENTS },
        (_, i) => `history-${number}-${i}`,
      ),
      patienceMs: PATIENCE_MS,
      pauseMs: 20,
    },
    environment.elasticsearchUrl,
    async () => {
      await sleep(AROUND_MS);
      const isGone =
        fault === "killed" ? await killNode(node) : await pauseNode(node);
      if (isGone) {
        // the clients know it by its port
        nodes[at] = await cluster.start({}, node.kuzzle.port);
      }
      await sleep(AROUND_MS);
    },
  );
}

async function killNode(node: Node): Promise<boolean> {
  await node.kill();
  await sleep(DOWN_MS);
  return true;
}

/** @returns whether it stopped afterwards, because the others evicted it */
async function pauseNode(node: Node): Promise<boolean> {
  node.pause();
  await sleep(PAUSE_MS);
  node.continue();
  const isGone = await Promise.race([
    node.kuzzle.exited.then(() => true),
    sleep(STOP_MS, false, { ref: false }),
  ]);
  if (isGone) await node.kuzzle.stop();
  return isGone;
}
