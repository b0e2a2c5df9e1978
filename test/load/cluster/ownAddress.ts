/**
 * Gives a Kuzzle an address of its own on a machine that has none to spare, without special
 * rights. Kuzzle refuses to share an address with another node of its cluster, has one pair
 * of ports for all nodes, and listens on all interfaces. Here it finds an interface that
 * does not exist, and traffic between nodes at such addresses goes over the loopback
 * interface.
 */
import { createRequire } from "node:module";
import os from "node:os";

/** A node of the cluster, as in its configuration (`clusterNode`). */
export interface ClusterAddress {
  readonly ip: string;
  /** of all nodes: the address that Kuzzle uses (`tcp://10.0.0.1:7510`), and the real one */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** The ZeroMQ socket classes that Kuzzle's nodes use. */
const SOCKETS = ["Publisher", "Subscriber", "Request", "Reply"] as const;

interface Socket {
  readonly bind: (this: Socket, endpoint: string) => Promise<void>;
  readonly connect: (this: Socket, endpoint: string) => void;
}

const { clusterNode } = JSON.parse(process.env.KUZZLE_CONFIG ?? "{}") as {
  clusterNode?: ClusterAddress;
};

if (clusterNode !== undefined) {
  takeAddress(clusterNode);
}

function takeAddress({ ip, endpoints }: ClusterAddress): void {
  Object.assign(os, {
    networkInterfaces: () => ({
      cluster0: [{ address: ip, family: "IPv4", internal: false, mac: "" }],
    }),
  });

  const placeOf = (endpoint: string): string => {
    const place = endpoints[endpoint.replace("*", ip)];
    if (place === undefined) throw new Error(`No node is at ${endpoint}`);
    return place;
  };
  const zeromq = createRequire(require.resolve("kuzzle"))("zeromq") as Record<
    (typeof SOCKETS)[number],
    { readonly prototype: Socket }
  >;
  for (const { prototype } of SOCKETS.map((name) => zeromq[name])) {
    const { bind, connect } = prototype;
    // redefined, because inherited properties cannot be changed
    Object.defineProperties(prototype, {
      bind: {
        value(this: Socket, endpoint: string) {
          return bind.call(this, placeOf(endpoint));
        },
      },
      connect: {
        value(this: Socket, endpoint: string) {
          connect.call(this, placeOf(endpoint));
        },
      },
    });
  }
}
