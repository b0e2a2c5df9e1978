import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";

/**
 * A proxy between a client and Kuzzle that lets a given number of bytes pass and no more:
 * on any machine, a process to be killed gets equally far.
 */
export class Gate {
  private left = 0;
  private onShut: () => void = () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(host: string, port: number): Promise<Gate> {
    const server = createServer((client) => {
      const kuzzle = connect(port, host);
      kuzzle.pipe(client);
      kuzzle.on("error", () => client.destroy());
      client.on("error", () => kuzzle.destroy());
      client.on("close", () => kuzzle.destroy());
      client.on("data", (data) => kuzzle.write(gate.take(data)));
    });
    const gate = new Gate(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return gate;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @returns when that many bytes have passed, and it is closed again */
  open(bytes: number): Promise<void> {
    this.left = bytes;
    return new Promise((resolve) => (this.onShut = resolve));
  }

  async stop(): Promise<void> {
    this.server.close();
    await once(this.server, "close");
  }

  private take(data: Buffer): Buffer {
    const passed = data.subarray(0, this.left);
    this.left -= passed.length;
    if (this.left === 0) this.onShut();
    return passed;
  }
}
