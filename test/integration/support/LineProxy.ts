import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** Which connection to cut, depending on its traffic. */
export interface Cuts {
  /**
   * called with all data from the server, and how much was sent to it since its last
   * response; true cuts before it arrives
   */
  readonly answer?: (text: string, requestBytes: number) => boolean;
  /**
   * called with how much a connection has sent since the last cut; true cuts in the middle
   * of it
   */
  readonly request?: (bytes: number) => boolean;
}

/** A proxy between a client and Kuzzle, for any protocol, that cuts connections. */
export class LineProxy {
  cuts: Cuts = {};
  cutLines = 0;
  private readonly lines = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(host: string, port: number): Promise<LineProxy> {
    const server = createServer((client) => {
      proxy.join(client, connect(port, host));
    });
    const proxy = new LineProxy(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.lines.forEach((line) => line.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, kuzzle: Socket): void {
    let sentBytes = 0;
    const cut = (): void => {
      this.cutLines += 1;
      client.resetAndDestroy();
      // what was sent arrives, but the response does not
      kuzzle.end();
      kuzzle.resume();
    };
    for (const [from, to] of [
      [client, kuzzle],
      [kuzzle, client],
    ] as const) {
      this.lines.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.lines.delete(from);
        to.destroy();
      });
    }
    client.on("data", (data) => {
      sentBytes += data.length;
      if (this.cuts.request?.(sentBytes)) {
        cut();
      } else {
        kuzzle.write(data);
      }
    });
    kuzzle.on("data", (data) => {
      const requestBytes = sentBytes;
      sentBytes = 0;
      if (this.cuts.answer?.(data.toString("latin1"), requestBytes)) {
        cut();
      } else {
        client.write(data);
      }
    });
  }
}
