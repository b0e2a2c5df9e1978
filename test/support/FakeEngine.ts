import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** A request as received. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Reply = (response: ServerResponse) => void;

/** An HTTP server in place of Elasticsearch. */
export class FakeEngine {
  readonly seen: SeenRequest[] = [];
  private reply: Reply = json(200, {});

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeEngine> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const url = new URL(request.url ?? "", "http://engine");
        engine.seen.push({
          method: request.method ?? "",
          path: (request.url ?? "").split("?")[0] ?? "",
          query: Object.fromEntries(url.searchParams),
          headers: request.headers,
          body: Buffer.concat(parts).toString(),
        });
        // the client for version 8 refuses to talk to anything else
        response.setHeader("X-Elastic-Product", "Elasticsearch");
        engine.reply(response);
      });
    });
    const engine = new FakeEngine(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Sets the reply to all further requests. */
  answers(reply: Reply): void {
    this.seen.length = 0;
    this.reply = reply;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function json(status: number, body: unknown): Reply {
  return text(status, JSON.stringify(body));
}

export function text(status: number, body: string): Reply {
  return (response) => {
    response.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    });
    response.end(body);
  };
}

/** Cuts the connection instead of a response. */
export const cut: Reply = (response) => {
  response.socket?.destroy();
};

/** Cuts the connection in the middle of a response. */
export const halfABody: Reply = (response) => {
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": 1_000,
  });
  response.write('{"took":1,"items":[', () => response.socket?.destroy());
};

/** Stops in the middle of a response, and leaves the connection open. */
export const standstill: Reply = (response) => {
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": 1_000,
  });
  response.write('{"took":1,"items":[');
};

export const silence: Reply = () => undefined;
