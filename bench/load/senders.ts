import { WebSocketClient } from "../clients";
import type { World } from "../world";
import { HttpCaller } from "./HttpCaller";

type BatchAction = "batchGet" | "mWrite" | "mUpdate";
type NativeAction = "mGet" | "mWrite" | "mUpdate";
type Args = Readonly<Record<string, string>>;

/** How requests are sent, over HTTP or WebSocket; `body` is JSON. */
export interface Sender {
  readonly protocol: "HTTP" | "WebSocket";
  batch(
    action: BatchAction,
    index: string,
    collection: string,
    body: string,
    args?: Args,
  ): Promise<Buffer>;
  native(
    action: NativeAction,
    index: string,
    collection: string,
    body: string,
    args?: Args,
  ): Promise<Buffer>;
  close(): void;
}

export async function httpSender({ places }: World): Promise<Sender> {
  const caller = new HttpCaller(places.kuzzleHost, places.kuzzlePort);
  const send = (
    base: string,
    action: string,
    index: string,
    collection: string,
    body: string,
    args: Args = {},
  ): Promise<Buffer> =>
    caller.send(
      action === "mUpdate" ? "PUT" : "POST",
      `${base}/${index}/${collection}/_${action}?${new URLSearchParams(args).toString()}`,
      body,
    );
  return {
    protocol: "HTTP",
    batch: (...args) => send("/_/batch", ...args),
    native: (...args) => send("", ...args),
    close: () => undefined,
  };
}

/** Not one connection per caller, all to the same server: callers share these. */
const CONNECTIONS = 16;

export async function webSocketSender({ places }: World): Promise<Sender> {
  const url = `ws://${places.kuzzleHost}:${places.kuzzlePort}`;
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => WebSocketClient.open(url)),
  );
  let turn = 0;
  const send = (
    controller: string,
    action: string,
    index: string,
    collection: string,
    body: string,
    args: Args = {},
  ): Promise<Buffer> => {
    const members = Object.entries({
      controller,
      action,
      index,
      collection,
      ...args,
    });
    const socket = sockets[turn++ % CONNECTIONS] as WebSocketClient;
    return socket.send(
      [
        ...members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`),
        `"body":${body}`,
      ].join(),
    );
  };
  return {
    protocol: "WebSocket",
    batch: (...args) => send("batch", ...args),
    native: (action, ...args) =>
      send(action === "mWrite" ? "bulk" : "document", action, ...args),
    close: () => sockets.forEach((socket) => socket.close()),
  };
}
