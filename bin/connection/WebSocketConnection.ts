import type { Kuzzle } from "kuzzle-sdk";

import { calmWebSocket } from "../../client/transport/calmWebSocket";
import { UsageError } from "../usage";
import {
  ApiError,
  type Call,
  type Connection,
  ConnectionLost,
  type ConnectionOptions,
  LOG_IN,
  tokenOf,
} from "./connection";

/** A token, the arguments and the request's own id. */
const ENVELOPE_BYTES = 16 * 1024;

/** Kuzzle over WebSocket, with its own SDK. */
export class WebSocketConnection implements Connection {
  readonly server: string;
  readonly envelopeBytes = ENVELOPE_BYTES;
  private token: string | undefined;
  private kuzzle: Promise<Kuzzle> | undefined;

  constructor(private readonly options: ConnectionOptions) {
    const { host, port, ssl, apiKey } = options;
    this.server = `${ssl ? "wss" : "ws"}://${host}:${port}`;
    this.token = apiKey;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  get hasUser(): boolean {
    return this.token !== undefined;
  }

  call(call: Call): Promise<unknown> {
    return this.send(call, this.token);
  }

  async logIn(): Promise<boolean> {
    const { credentials } = this.options;
    if (credentials === undefined) return false;
    const { strategy, username, password } = credentials;
    const body = Buffer.from(JSON.stringify({ username, password }));
    this.token = tokenOf(
      await this.send({ ...LOG_IN, args: { strategy }, body }, undefined),
    );
    return true;
  }

  close(): void {
    void this.kuzzle?.then((kuzzle) => kuzzle.disconnect()).catch(() => {});
  }

  private async send(call: Call, token: string | undefined): Promise<unknown> {
    const { controller, action, index, collection, args, body } = call;
    try {
      const kuzzle = await (this.kuzzle ??= this.connect());
      const { result } = await kuzzle.query(
        {
          ...args,
          controller,
          action,
          ...(index !== undefined && { index }),
          ...(collection !== undefined && { collection }),
          ...(token !== undefined && { jwt: token }),
          ...(body && { body: JSON.parse(body.toString()) as object }),
        },
        { queuable: false, timeout: this.options.timeoutMs },
      );
      return result;
    } catch (error) {
      throw this.translate(error);
    }
  }

  private async connect(): Promise<Kuzzle> {
    const { Kuzzle, WebSocket } = await loadSdk();
    const { host, port, ssl } = this.options;
    const kuzzle = new Kuzzle(
      new WebSocket(host, { port, ssl, autoReconnect: false }),
    );
    calmWebSocket(kuzzle);
    // the next call opens a new one
    const forget = () => (this.kuzzle = undefined);
    kuzzle.on("disconnected", forget).on("networkError", forget);
    await kuzzle.connect();
    return kuzzle;
  }

  /** Errors without a status are the SDK's own, and may contain the whole request. */
  private translate(error: unknown): Error {
    if (error instanceof UsageError || error instanceof TypeError) return error;
    const { status, id, message, errors } = error as Partial<ApiError>;
    if (typeof status === "number" && status >= 400 && status < 600) {
      return new ApiError(status, id ?? "", message ?? "", errors ?? []);
    }
    this.kuzzle = undefined;
    const code = (error as { code?: unknown }).code;
    return typeof code === "string"
      ? new ConnectionLost(code, code)
      : new ConnectionLost("the WebSocket closed, or did not open");
  }
}

type Sdk = typeof import("kuzzle-sdk");

async function loadSdk(): Promise<Sdk> {
  try {
    // some exports of this CommonJS package are only visible on its default export
    const sdk = (await import("kuzzle-sdk")) as Sdk & { default?: Sdk };
    return sdk.default ?? sdk;
  } catch {
    throw new UsageError(
      "--protocol websocket needs the package kuzzle-sdk: npm install kuzzle-sdk",
    );
  }
}
