/** The three protocols of one Kuzzle, with byte-exact responses. */
import { once } from "node:events";

import { connectAsync } from "mqtt";
import { WebSocket } from "ws";

import type { RunningKuzzle } from "../../../scripts/stack/kuzzle";

/** A request in the form of WebSocket and MQTT. */
export interface Asked {
  readonly controller: string;
  readonly action: string;
  readonly index: string;
  readonly collection: string;
  readonly requestId: string;
  readonly jwt: string;
  readonly body?: unknown;
  readonly [argument: string]: unknown;
}

export interface Line {
  /** @returns the response's text; over HTTP with status and headers */
  ask(request: Asked): Promise<string>;
  close(): Promise<unknown>;
}

/** Kuzzle's own description of its actions: `server:publicApi`. */
export type PublicApi = Readonly<
  Record<string, Readonly<Record<string, ActionDescription>>>
>;

interface ActionDescription {
  readonly http?: ReadonlyArray<{
    readonly verb: string;
    readonly path: string;
  }>;
}

export const LINES: Readonly<
  Record<string, (kuzzle: RunningKuzzle, api: PublicApi) => Promise<Line>>
> = { http, websocket, mqtt };

async function http({ url }: RunningKuzzle, api: PublicApi): Promise<Line> {
  return {
    async ask({ controller, action, requestId, jwt, body, ...args }) {
      const route = api[controller]?.[action]?.http?.find(
        ({ verb }) => body === undefined || verb !== "GET",
      );
      const inQuery = new Map(Object.entries(args));
      const path = String(route?.path).replace(/:(\w+)/g, (_, name: string) => {
        const value = inQuery.get(name);
        inQuery.delete(name);
        return encodeURIComponent(String(value));
      });
      const query = new URLSearchParams(
        [...inQuery].map(([name, value]): [string, string] => [
          name,
          String(value),
        ]),
      );
      const response = await fetch(`${url}${path}?${query.toString()}`, {
        method: String(route?.verb),
        headers: {
          "accept-encoding": "identity",
          "content-type": "application/json",
          authorization: `Bearer ${jwt}`,
          "x-kuzzle-request-id": requestId,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const headers = [...response.headers].filter(
        ([name]) => name !== "date" && name !== "content-length",
      );
      return JSON.stringify([
        response.status,
        Object.fromEntries(headers),
        await response.text(),
      ]);
    },
    close: async () => undefined,
  };
}

async function websocket({ host, port }: RunningKuzzle): Promise<Line> {
  const socket = new WebSocket(`ws://${host}:${port}`);
  await once(socket, "open");
  return {
    async ask(request) {
      const answered = once(socket, "message");
      socket.send(JSON.stringify(request));
      return String((await answered)[0]);
    },
    close: async () => socket.close(),
  };
}

async function mqtt({ host, mqttPort }: RunningKuzzle): Promise<Line> {
  const client = await connectAsync(`mqtt://${host}:${mqttPort}`, {
    reconnectPeriod: 0,
  });
  await client.subscribeAsync("Kuzzle/response");
  return {
    async ask(request) {
      const answered = new Promise<string>((resolve) =>
        client.once("message", (_, text) => resolve(text.toString())),
      );
      client.publish("Kuzzle/request", JSON.stringify(request));
      return answered;
    },
    close: () => client.endAsync(true),
  };
}
