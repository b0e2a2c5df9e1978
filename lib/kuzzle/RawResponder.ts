import type { KuzzleRequest } from "kuzzle";

import { RawSource } from "../core/RawSource";

/** What Kuzzle tells at the end of each request. */
export interface ExecutionEnd {
  readonly request: KuzzleRequest;
  readonly success: boolean;
}

/** What Kuzzle hands to a protocol. */
interface OutgoingResponse {
  readonly content: unknown;
  readonly requestId: string;
}

type Respond = (response: OutgoingResponse) => void;

interface Connection {
  readonly id: string;
  readonly protocol: string;
}

interface WebSocketProtocol {
  readonly socketByConnectionId: ReadonlyMap<string, object>;
  wsSend(socket: object, payload: Buffer): void;
}

interface MqttClient {
  publish(
    packet: { readonly topic: string; readonly payload: Buffer },
    callback: unknown,
  ): void;
}

interface MqttProtocol {
  readonly config: {
    readonly responseTopic: string;
    readonly developmentMode?: boolean;
  };
  readonly connectionsById: ReadonlyMap<string, MqttClient>;
  readonly publishCallback: unknown;
}

/** The part of a running Kuzzle through which requests of sockets come and go. */
export interface EntryPoint {
  readonly protocols: ReadonlyMap<string, unknown>;
  execute(
    connection: Connection,
    request: KuzzleRequest,
    respond: Respond,
  ): void;
}

/** Sends a text over a connection, if it is open still. */
type SendText = (connectionId: string, text: string) => void;

/**
 * Answers over WebSocket and MQTT with sources as the engine has sent them.
 *
 * There Kuzzle makes JSON of an answer with `JSON.stringify`, to which no value can
 * give its own text (`JSON.rawJSON`, from Node 22 on, takes numbers and no objects).
 * So an answer that holds sources is made text here, and sent in the way of its
 * protocol. Read in Kuzzle 2.56; a Kuzzle that has another way is found out by
 * `canRespond`, and is answered with parsed sources.
 */
export class RawResponder {
  private readonly requests = new WeakSet<KuzzleRequest>();

  constructor(private readonly entryPoint: () => EntryPoint) {}

  /** From now on answers of marked requests are sent from here. */
  start(): void {
    const entryPoint = this.entryPoint();
    const execute = entryPoint.execute.bind(entryPoint);
    entryPoint.execute = (connection, request, respond) =>
      execute(connection, request, (response) => {
        const send = this.senderOf(connection.protocol);
        if (send !== undefined && this.requests.has(request)) {
          send(connection.id, textOf(connection.protocol, response));
        } else {
          respond(response);
        }
      });
  }

  canRespond({ context }: KuzzleRequest): boolean {
    const { protocol } = context.connection;
    return protocol === "http" || this.senderOf(protocol) !== undefined;
  }

  mark(request: KuzzleRequest): void {
    this.requests.add(request);
  }

  /**
   * Over HTTP, Kuzzle sends a raw answer that is text as it is.
   *
   * To be run on `request:afterExecution`, as the last.
   */
  finishHttp(end: ExecutionEnd): ExecutionEnd {
    const { request, success } = end;
    const { response, context } = request;
    if (
      success &&
      context.connection.protocol === "http" &&
      this.requests.has(request)
    ) {
      const text = httpText(request);
      request.setResult(text, { status: response.status });
      response.configure({ format: "raw" });
    }
    return end;
  }

  /** Undefined where this Kuzzle's protocol is not the one that was read. */
  private senderOf(protocol: string | null): SendText | undefined {
    const found = this.entryPoint().protocols.get(String(protocol));
    if (protocol === "websocket" && isWebSocket(found)) {
      return (connectionId, text) => {
        const socket = found.socketByConnectionId.get(connectionId);
        if (socket !== undefined) {
          found.wsSend(socket, Buffer.from(text));
        }
      };
    }
    if (protocol === "mqtt" && isMqtt(found)) {
      return (connectionId, text) =>
        found.connectionsById.get(connectionId)?.publish(
          {
            topic: found.config.responseTopic,
            payload: Buffer.from(text),
          },
          found.publishCallback,
        );
    }
    return undefined;
  }
}

/** As Kuzzle would write it: in lines when it is asked to, with the message's id. */
function httpText({ response, context, input }: KuzzleRequest): string {
  const { content, raw } = response.toJSON() as {
    content: object;
    raw: boolean;
  };
  if (raw) {
    return RawSource.stringify(content);
  }
  const { connection } = context;
  const { headers } = connection.misc as { headers?: Record<string, string> };
  const requestId = headers?.["x-kuzzle-request-id"] ?? connection.id;
  const indent = input.args.pretty === undefined ? 0 : 2;
  return RawSource.stringify({ ...content, requestId }, indent);
}

/** Over WebSocket, Kuzzle adds where an answer belongs. */
function textOf(
  protocol: string,
  { content, requestId }: OutgoingResponse,
): string {
  return RawSource.stringify(
    protocol === "websocket"
      ? { ...(content as object), room: requestId }
      : content,
  );
}

function isWebSocket(protocol: unknown): protocol is WebSocketProtocol {
  const { socketByConnectionId, wsSend } = (protocol ??
    {}) as Partial<WebSocketProtocol>;
  return socketByConnectionId instanceof Map && typeof wsSend === "function";
}

/** In its development mode, everybody is sent every answer. */
function isMqtt(protocol: unknown): protocol is MqttProtocol {
  const { config, connectionsById, publishCallback } = (protocol ??
    {}) as Partial<MqttProtocol>;
  return (
    connectionsById instanceof Map &&
    typeof publishCallback === "function" &&
    typeof config?.responseTopic === "string" &&
    config.developmentMode !== true
  );
}
