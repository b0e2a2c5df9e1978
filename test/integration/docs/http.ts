/** Requests in Kuzzle's notation: `URL:`, `Method:`, `Headers:`, `Body:`. */
import { WebSocket } from "ws";

import { environment, kuzzleUrl } from "../../../features/support/environment";
import type { Literal } from "./literal";

const PATIENCE_MS = 15_000;

/** What was received: an object or a text. */
export interface Came {
  readonly status: number;
  readonly body: unknown;
}

export interface HttpRequest {
  /** without their optional parts */
  readonly urls: readonly string[];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
}

export function readHttp(text: string): HttpRequest {
  const urls = [...text.matchAll(/^URL: (\S+)$/gm)].map(([, url = ""]) =>
    url.replace(/\[[^\]]*\]/g, ""),
  );
  const method = /^Method: (GET|POST|PUT|DELETE)$/m.exec(text)?.[1];
  const headers = [
    ...text.matchAll(
      /^(?:Headers:)? +([\w-]+): (.+)$|^Headers: ([\w-]+): (.+)$/gm,
    ),
  ];
  if (urls.length === 0 || method === undefined) {
    throw new Error("A request needs URL: and Method:");
  }
  return {
    urls,
    method,
    headers: Object.fromEntries(
      headers.map(([, name, value, first, its]) => [
        name ?? first ?? "",
        value ?? its ?? "",
      ]),
    ),
    hasBody: /^Body:/m.test(text),
  };
}

export async function sendHttp(
  { urls, method, headers }: HttpRequest,
  body: Literal | undefined,
  jwt: string,
): Promise<Came[]> {
  return Promise.all(
    urls.map(async (url) => {
      const answer = await fetch(url.replace(/^https?:\/\/[^/]+/, kuzzleUrl), {
        method,
        headers: {
          Authorization: `Bearer ${jwt}`,
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { status: answer.status, body: readBody(await answer.text()) };
    }),
  );
}

export function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export async function sendWebSocket(
  request: object,
  jwt: string,
): Promise<Came> {
  const { kuzzleHost, kuzzlePort } = environment;
  const socket = new WebSocket(`ws://${kuzzleHost}:${kuzzlePort}`);
  try {
    return await new Promise<Came>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error("no answer over WebSocket")),
        PATIENCE_MS,
      );
      socket.on("error", reject);
      socket.on("open", () => socket.send(JSON.stringify({ jwt, ...request })));
      socket.on("message", (data: Buffer) => {
        clearTimeout(late);
        const body = JSON.parse(data.toString()) as { status?: number };
        resolve({ status: body.status ?? 200, body });
      });
    });
  } finally {
    socket.close();
  }
}
