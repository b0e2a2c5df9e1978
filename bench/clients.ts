/**
 * Clients that send the requests. Responses are read to the end but not parsed: the
 * cost of what a client does with them does not depend on the server.
 */
import http from "node:http";
import { WebSocket } from "ws";

/** A response of a few bytes is an error, not the requested data. */
export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

export class HttpClient {
  private readonly agent: http.Agent;

  /** @param origin of the server, without a path */
  constructor(
    private readonly origin: string,
    maxSockets = Infinity,
  ) {
    this.agent = new http.Agent({ keepAlive: true, maxSockets });
  }

  /** @throws unless the status is 2xx */
  async send(
    method: string,
    path: string,
    body?: string,
    contentType = "application/json",
  ): Promise<Buffer> {
    const { status, body: answer } = await new Promise<Reply>(
      (resolve, reject) => {
        const request = http.request(
          `${this.origin}${path}`,
          {
            method,
            agent: this.agent,
            headers: {
              "content-type": contentType,
              ...(body !== undefined && {
                "content-length": Buffer.byteLength(body),
              }),
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () =>
              resolve({
                status: response.statusCode ?? 0,
                body: Buffer.concat(chunks),
              }),
            );
          },
        );
        request.on("error", reject);
        request.end(body);
      },
    );
    if (status < 200 || status > 299) {
      throw new Error(
        `${method} ${path}: ${status} ${answer.toString("utf8").slice(0, 500)}`,
      );
    }
    return answer;
  }

  async json(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await this.send(
      method,
      path,
      body === undefined ? undefined : JSON.stringify(body),
    );
    return JSON.parse(answer.toString("utf8")) as unknown;
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Responses arrive in any order and are matched by their `requestId`. */
export class WebSocketClient {
  private readonly waiting = new Map<string, Waiting>();
  private sent = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      const id = requestIdOf(data);
      this.waiting.get(id)?.resolve(data);
      this.waiting.delete(id);
    });
    socket.on("close", (code: number) => {
      for (const { reject } of this.waiting.values()) {
        reject(new Error(`Kuzzle has closed the connection (${code})`));
      }
    });
  }

  static async open(url: string): Promise<WebSocketClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return new WebSocketClient(socket);
  }

  /** @param request the members of a Kuzzle request, as JSON without braces */
  send(request: string): Promise<Buffer> {
    const id = `bench-${this.sent++}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(`{"requestId":"${id}",${request}}`);
    });
  }

  close(): void {
    this.socket.close();
  }
}

interface Waiting {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Kuzzle ends each response with `"room":"<the request's id>"}`. */
function requestIdOf(answer: Buffer): string {
  const end = answer.subarray(-100).toString("latin1");
  return /"room":"([^"]*)"\}$/.exec(end)?.[1] ?? "";
}
