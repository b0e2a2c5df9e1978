import type { KuzzleRequest } from "kuzzle";

import { RawSource } from "../core/RawSource";

/** What Kuzzle passes on at the end of each request. */
export interface ExecutionEnd {
  readonly request: KuzzleRequest;
  readonly success: boolean;
}

/** What Kuzzle passes to a protocol. */
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

/**
 * The part of a running Kuzzle that receives the requests of sockets and sends the
 * responses.
 */
export interface EntryPoint {
  readonly protocols: ReadonlyMap<string, unknown>;
  execute(
    connection: Connection,
    request: KuzzleRequest,
    respond: Respond,
  ): void;
}

/** Sends a text over a connection if it is still open. */
type SendText = (connectionId: string, text: string) => void;

/**
 * Responds over WebSocket and MQTT with sources as the engine sent them.
 *
 * For these protocols, Kuzzle serializes a response with `JSON.stringify`, where no
 * value can supply its own text (`JSON.rawJSON`, available from Node 22, takes numbers
 * but no objects). So a response with sources is serialized here and sent in the way of
 * its protocol. Written against Kuzzle 2.56; if another version works differently,
 * `canRespond` detects it, and responses have parsed sources.
 */
export class RawResponder {
  private readonly requests = new WeakSet<KuzzleRequest>();

  constructor(private readonly entryPoint: () => EntryPoint) {}

  /** From now on, responses to marked requests are sent from here. */
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
   * Over HTTP, Kuzzle sends a raw response that is text as it is.
   *
   * Must run last on `request:afterExecution`.
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

  /** Undefined if this Kuzzle's protocol differs from the known one. */
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

/** Serializes as Kuzzle would: indented if requested, with the message's id. */
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

/** Over WebSocket, Kuzzle adds the room that the response belongs to. */
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

/** In development mode, Kuzzle's MQTT sends every response to everybody. */
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
