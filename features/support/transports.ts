/**
 * The three protocols, each reduced to one `send`: takes a request as an object, and returns
 * Kuzzle's own answer, including errors.
 */
import { randomUUID } from "node:crypto";

import { type RequestPayload, WebSocket } from "kuzzle-sdk";
import { connectAsync, type MqttClient } from "mqtt";

import { environment, kuzzleUrl } from "./environment";

export interface KuzzleRequest {
  controller: string;
  action: string;
  index?: string;
  collection?: string;
  body?: unknown;
  jwt?: string;
  [argument: string]: unknown;
}

export interface KuzzleError {
  id: string;
  status: number;
  message: string;
  errors?: unknown[];
  [property: string]: unknown;
}

export interface Answer {
  status: number;
  error: KuzzleError | null;
  result: unknown;
  [property: string]: unknown;
}

export interface Transport {
  send(request: KuzzleRequest): Promise<Answer>;
  close(): Promise<void>;
}

export type Protocol = "http" | "websocket" | "mqtt";

export const PATIENCE_MS = 20_000;

/** The plugin's routes, as in the contract; everything else goes to Kuzzle's own `/_query`. */
const ROUTES: Record<
  string,
  { verb: string; path: (index: string, collection?: string) => string }
> = {
  "batch:batchGet": { verb: "POST", path: batchPath("_batchGet") },
  "batch:mWrite": { verb: "POST", path: batchPath("_mWrite") },
  "batch:mUpdate": { verb: "PUT", path: batchPath("_mUpdate") },
  "batch:batchWrite": { verb: "POST", path: batchPath("_batchWrite") },
  "batch/v1:mGet": { verb: "POST", path: v1Path("_mGet") },
  "batch/v1:mUpdate": { verb: "PUT", path: v1Path("_mUpdate") },
};

export async function openTransport(protocol: Protocol): Promise<Transport> {
  switch (protocol) {
    case "http":
      return new HttpTransport();
    case "websocket":
      return WebSocketTransport.open();
    case "mqtt":
      return MqttTransport.open();
    default:
      throw new Error(`Unknown protocol "${String(protocol satisfies never)}"`);
  }
}

class HttpTransport implements Transport {
  async send(request: KuzzleRequest): Promise<Answer> {
    const route = ROUTES[`${request.controller}:${request.action}`];

    if (route === undefined || request.index === undefined) {
      return query(request);
    }

    const { controller, action, index, collection, body, jwt, ...args } =
      request;

    return sendHttp(
      route.verb,
      route.path(index, collection) + queryString(args),
      body,
      jwt,
    );
  }

  async close(): Promise<void> {
    // fetch has its own connection pool
  }
}

/** Subscriptions need their own connection, so only this class has a public constructor. */
export class WebSocketTransport implements Transport {
  /**
   * The SDK's protocol emits each message under its room: a request's id, or a subscription's
   * channel.
   */
  private readonly events: NodeJS.EventEmitter;

  private constructor(private readonly socket: WebSocket) {
    this.events = socket as unknown as NodeJS.EventEmitter;
  }

  static async open(): Promise<WebSocketTransport> {
    const socket = new WebSocket(environment.kuzzleHost, {
      port: environment.kuzzlePort,
      autoReconnect: false,
    });

    await socket.connect();

    return new WebSocketTransport(socket);
  }

  send(request: KuzzleRequest): Promise<Answer> {
    const requestId = randomUUID();

    return withinPatience(`websocket ${describe(request)}`, (resolve) => {
      this.events.once(requestId, resolve);
      this.socket.send({ ...request, requestId } as RequestPayload);
    });
  }

  listen(channel: string, listener: (notification: unknown) => void): void {
    this.events.on(channel, listener);
  }

  async close(): Promise<void> {
    this.socket.close();
  }
}

class MqttTransport implements Transport {
  private readonly waiting = new Map<string, (answer: Answer) => void>();

  private constructor(private readonly client: MqttClient) {
    client.on("message", (_topic, payload) => {
      const answer = JSON.parse(payload.toString()) as Answer;
      const requestId = String(answer["requestId"]);

      this.waiting.get(requestId)?.(answer);
      this.waiting.delete(requestId);
    });
  }

  static async open(): Promise<MqttTransport> {
    const client = await connectAsync(
      `mqtt://${environment.kuzzleHost}:${environment.mqttPort}`,
      {
        reconnectPeriod: 0,
      },
    );

    await client.subscribeAsync("Kuzzle/response");

    return new MqttTransport(client);
  }

  send(request: KuzzleRequest): Promise<Answer> {
    const requestId = randomUUID();

    return withinPatience(`mqtt ${describe(request)}`, (resolve) => {
      this.waiting.set(requestId, resolve);
      this.client.publish(
        "Kuzzle/request",
        JSON.stringify({ ...request, requestId }),
      );
    });
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

export async function sendHttp(
  verb: string,
  path: string,
  body?: unknown,
  jwt?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(kuzzleUrl + path, {
    method: verb,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(jwt === undefined ? {} : { authorization: `Bearer ${jwt}` }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });

  return (await response.json()) as Answer;
}

/** Any action of Kuzzle over HTTP, regardless of its route. */
export function query(request: KuzzleRequest): Promise<Answer> {
  const { jwt, ...rest } = request;

  return sendHttp("POST", "/_query", rest, jwt);
}

function batchPath(
  verb: string,
): (index: string, collection?: string) => string {
  return (index, collection) =>
    [
      "",
      "_",
      "batch",
      index,
      ...(collection === undefined ? [] : [collection]),
      verb,
    ]
      .map(encodeURIComponent)
      .join("/");
}

function v1Path(verb: string): (index: string, collection?: string) => string {
  return (index, collection = "") =>
    ["", "v1", index, collection, verb].map(encodeURIComponent).join("/");
}

function queryString(args: Record<string, unknown>): string {
  const pairs = Object.entries(args).map(
    ([name, value]) => [name, String(value)] as [string, string],
  );

  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

function describe(request: KuzzleRequest): string {
  return `${request.controller}:${request.action}`;
}

/** A missing answer must not make the suite hang. */
function withinPatience(
  what: string,
  start: (resolve: (answer: Answer) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`No answer to ${what} within ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );

    start((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
