/** Stands in a line of any protocol, and spoils it as networks do. */
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { pipeline } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to lines, those that are open as well; left out: nothing. */
export interface Toxics {
  /** each piece is so late, in milliseconds, and as much more by chance */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** everything comes in pieces of so many bytes */
  readonly sliceBytes?: number;
  /** nothing arrives any more, and no line is closed */
  readonly isSilent?: boolean;
  /** after so many bytes of answers the line is reset */
  readonly cutAfterBytes?: number;
  /** every line is reset at once, and every new one */
  readonly isReset?: boolean;
}

/** Between slices, so that they arrive one by one. */
const SLICE_MS = 1;
/** So much is written at a time where bandwidth is short. */
const SMALL_BYTES = 512;

export class TcpProxy {
  private toxics: Toxics = {};
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @param to the address that it stands before */
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

  /** Replaces what was before. Lines that lack a piece by now are reset. */
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

  /** Spoiled, and cut off as soon as that is to be. */
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
