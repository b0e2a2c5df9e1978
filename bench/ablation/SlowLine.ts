import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";

export interface LineSpeed {
  /** added to each round trip */
  readonly latencyMs: number;
  /** in each direction; Infinity for no limit */
  readonly bytesPerSecond: number;
}

/**
 * A TCP proxy that behaves like a network: data in flight does not delay the data
 * behind it.
 */
export class SlowLine {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(
    to: { readonly host: string; readonly port: number },
    { latencyMs, bytesPerSecond }: LineSpeed,
  ): Promise<SlowLine> {
    const server = createServer({ noDelay: true }, (client) => {
      const engine = connect({ ...to, noDelay: true });
      forward(client, engine, { latencyMs: 0, bytesPerSecond });
      forward(engine, client, { latencyMs, bytesPerSecond });
      for (const socket of [client, engine]) {
        line.sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => line.sockets.delete(socket));
      }
    });
    const line = new SlowLine(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return line;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function forward(
  from: Socket,
  to: Socket,
  { latencyMs, bytesPerSecond }: LineSpeed,
): void {
  const inFlight: Array<{
    readonly chunk: Buffer;
    readonly arrivesAt: number;
  }> = [];
  let lineIsFreeAt = 0;

  const deliver = (): void => {
    for (let next = inFlight[0]; next !== undefined; next = inFlight[0]) {
      const delayMs = next.arrivesAt - performance.now();
      if (delayMs >= 1) {
        setTimeout(deliver, delayMs);
        return;
      }
      to.write(next.chunk);
      inFlight.shift();
    }
    if (from.destroyed) to.end();
  };

  from.on("data", (chunk: Buffer) => {
    const sendingMs = (chunk.length / bytesPerSecond) * 1_000;
    lineIsFreeAt = Math.max(performance.now(), lineIsFreeAt) + sendingMs;
    inFlight.push({ chunk, arrivesAt: lineIsFreeAt + latencyMs });
    if (inFlight.length === 1) deliver();
  });
  from.on("close", () => {
    if (inFlight.length === 0) to.end();
  });
}
