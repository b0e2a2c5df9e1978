import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** Which line is cut, by what is on its way. */
export interface Cuts {
  /**
   * told of all that the server answers, and how much it was sent since its last
   * answer; true cuts before it arrives
   */
  readonly answer?: (text: string, requestBytes: number) => boolean;
  /** told how much a line has sent since the last cut; true cuts in the middle of it */
  readonly request?: (bytes: number) => boolean;
}

/** Stands between a client and Kuzzle, whatever protocol they speak, and cuts lines. */
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
      // what has been sent arrives; nobody learns of the answer
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
