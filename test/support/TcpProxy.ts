/** A proxy for any protocol that disturbs connections as networks do. */
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { pipeline } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Disturbances, which also apply to open connections; default: none. */
export interface Toxics {
  /** delay of each piece in milliseconds, plus a random delay of up to the same */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** everything arrives in pieces of this size */
  readonly sliceBytes?: number;
  /** nothing arrives any more, and no connection is closed */
  readonly isSilent?: boolean;
  /** resets the connection after this many bytes of responses */
  readonly cutAfterBytes?: number;
  /** resets all connections at once, and every new one */
  readonly isReset?: boolean;
}

/** Between slices, so that they arrive one by one. */
const SLICE_MS = 1;
/** How much is written at a time if bandwidth is limited. */
const SMALL_BYTES = 512;

export class TcpProxy {
  private toxics: Toxics = {};
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @param to the address to which it forwards */
  static async start(to: {
    readonly host: string;
    readonly port: number;
  }): Promise<TcpProxy> {
    const server = createServer((client) => {
      proxy.join(client, connect(to.port, to.host));
    });
    const proxy = new TcpProxy(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Replaces the previous toxics. Connections that have lost a piece are reset. */
  set(toxics: Toxics): void {
    const mayLackPieces = this.toxics.isSilent === true;
    this.toxics = toxics;
    if (toxics.isReset || mayLackPieces) {
      this.sockets.forEach((socket) => socket.resetAndDestroy());
    }
  }

  async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, server: Socket): void {
    const ends = [client, server];
    const part = () => ends.forEach((end) => end.destroy());
    for (const end of ends) {
      this.sockets.add(end);
      end.on("error", part);
      end.on("close", () => this.sockets.delete(end));
      end.setNoDelay(true);
    }
    if (this.toxics.isReset) {
      client.resetAndDestroy();
      server.destroy();
      return;
    }
    pipeline(client, (source) => this.spoiled(source), server, part);
    pipeline(server, (source) => this.cut(client, source), client, part);
  }

  private async *spoiled(
    source: AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      const { latencyMs = 0, jitterMs = 0 } = this.toxics;
      if (latencyMs + jitterMs > 0) {
        await sleep(latencyMs + jitterMs * Math.random());
      }
      for (let at = 0; at < chunk.length;) {
        const { isSilent = false, sliceBytes, bytesPerSecond } = this.toxics;
        if (isSilent) {
          break;
        }
        const isSlow = bytesPerSecond !== undefined;
        const size = sliceBytes ?? (isSlow ? SMALL_BYTES : chunk.length);
        const piece = chunk.subarray(at, at + size);
        at += piece.length;
        yield piece;
        if (at < chunk.length || isSlow) {
          const slowMs = isSlow ? (piece.length / bytesPerSecond) * 1_000 : 0;
          await sleep(Math.max(SLICE_MS, slowMs));
        }
      }
    }
  }

  /** Disturbs a connection, and cuts it as soon as required. */
  private async *cut(
    client: Socket,
    source: AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer> {
    let passed = 0;
    for await (const piece of this.spoiled(source)) {
      const { cutAfterBytes } = this.toxics;
      passed = cutAfterBytes === undefined ? 0 : passed + piece.length;
      if (cutAfterBytes !== undefined && passed > cutAfterBytes) {
        yield piece.subarray(0, piece.length - (passed - cutAfterBytes));
        client.resetAndDestroy();
        return;
      }
      yield piece;
    }
  }
}
