import { WebSocketClient } from "../clients";
import type { Scenario } from "../scenario";
import type { World } from "../world";

/** The index that most readings read. */
export const INDEX = "bench-read";

/** How a request is sent, over HTTP or WebSocket. */
export interface Way {
  readonly name: "HTTP" | "WebSocket";
  close?(): void;
  native(collection: string, ids: readonly string[]): Promise<Buffer>;
  batch(body: string, query?: string, collection?: string): Promise<Buffer>;
}

export function overHttp({ kuzzle }: World): Way {
  return {
    name: "HTTP",
    native: (collection, ids) =>
      kuzzle.send(
        "POST",
        `/${INDEX}/${collection}/_mGet`,
        JSON.stringify({ ids }),
      ),
    batch: (body, query = "", collection) =>
      kuzzle.send(
        "POST",
        `/_/batch/${INDEX}/${collection === undefined ? "" : `${collection}/`}_batchGet${query}`,
        body,
      ),
  };
}

export async function overWebSocket({ places }: World): Promise<Way> {
  const { kuzzleHost, kuzzlePort } = places;
  const socket = await WebSocketClient.open(`ws://${kuzzleHost}:${kuzzlePort}`);
  return {
    close: () => socket.close(),
    name: "WebSocket",
    native: (collection, ids) =>
      socket.send(
        `"controller":"document","action":"mGet","index":"${INDEX}","collection":"${collection}","body":${JSON.stringify({ ids })}`,
      ),
    batch: (body, query = "", collection) =>
      socket.send(
        [
          `"controller":"batch","action":"batchGet","index":"${INDEX}"`,
          ...(collection === undefined ? [] : [`"collection":"${collection}"`]),
          ...[...new URLSearchParams(query)].map(
            ([name, value]) => `"${name}":"${value}"`,
          ),
          `"body":${body}`,
        ].join(","),
      ),
  };
}

export function closing(way: Way): Pick<Scenario, "close"> {
  return { close: () => way.close?.() };
}
