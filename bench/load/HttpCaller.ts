/**
 * Sends requests as cheaply as possible, because it competes with the servers for the
 * machine. Each request has its own connection, since Kuzzle says "connection: close".
 */
import net from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");

export class HttpCaller {
  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /**
   * @param body JSON, in ASCII
   * @returns the response's body
   * @throws unless the status is 2xx and the response is complete
   */
  send(method: string, path: string, body: string): Promise<Buffer> {
    const { host, port } = this;
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, noDelay: true });
      const chunks: Buffer[] = [];
      let length = 0;
      let answer: Answer | undefined;
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        answer ??= readHead(Buffer.concat(chunks));
        if (answer === undefined || length < answer.end) return;
        socket.destroy();
        const received = Buffer.concat(chunks);
        const content = received.subarray(answer.start, answer.end);
        if (answer.status.startsWith("2")) {
          resolve(content);
        } else {
          const why = content.toString("utf8", 0, 500);
          reject(new Error(`${method} ${path}: ${answer.status} ${why}`));
        }
      });
      socket.on("error", reject);
      // has no effect on a complete response
      socket.on("close", () =>
        reject(new Error(`${method} ${path}: the answer broke off`)),
      );
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        "latin1",
      );
    });
  }
}

interface Answer {
  readonly status: string;
  /** where its body begins and ends */
  readonly start: number;
  readonly end: number;
}

function readHead(received: Buffer): Answer | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) {
    return undefined;
  }
  const head = received.toString("latin1", 0, headEnd);
  const [, status = ""] = /^HTTP\/1\.1 (\d+)/.exec(head) ?? [];
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  const start = headEnd + HEAD_END.length;
  return { status, start, end: start + Number(length) };
}
