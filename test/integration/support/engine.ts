/**
 * The real engine that the tests in this folder need, at the address that the launcher
 * passes.
 */
import assert from "node:assert/strict";

import { Elasticsearch } from "kuzzle/dist/lib/service/storage/Elasticsearch";

import { ElasticsearchStore } from "../../../lib/elasticsearch/ElasticsearchStore";
import {
  EngineCaller,
  type EngineTransport,
} from "../../../lib/elasticsearch/transport";

export const ENGINE_URL = required("TEST_ELASTICSEARCH_URL");
export const ENGINE_MAJOR = required("TEST_ELASTICSEARCH_MAJOR") as "7" | "8";

function required(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run npm run test:engine`);
  return value;
}

interface Client {
  readonly transport: EngineTransport;
  close(): Promise<void> | void;
}

/** The plugin's caller on a client like Kuzzle's own. */
export function openCaller(
  options: { url?: string; timeoutMs?: number } = {},
): {
  caller: EngineCaller;
  close: () => Promise<void> | void;
} {
  const { url = ENGINE_URL, timeoutMs = 30_000 } = options;
  const client: Client = Elasticsearch.buildClient({ node: url }, ENGINE_MAJOR);
  const caller = new EngineCaller(client.transport, {
    requestTimeoutMs: timeoutMs,
    now: () => performance.now(),
    onCall: () => undefined,
  });
  return { caller, close: () => client.close() };
}

/** The plugin's store on such a client. */
export function openStore(options: { url?: string; timeoutMs?: number } = {}): {
  store: ElasticsearchStore;
  close: () => Promise<void> | void;
} {
  const { caller, close } = openCaller(options);
  return {
    store: new ElasticsearchStore(caller),
    close,
  };
}

/** Sends one request directly. @throws if the engine rejects it */
export async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, any>> {
  const isText = typeof body === "string";
  const response = await fetch(`${ENGINE_URL}${path}`, {
    method,
    ...(body !== undefined && {
      headers: {
        "content-type": `application/${isText ? "x-ndjson" : "json"}`,
      },
      body: isText ? body : JSON.stringify(body),
    }),
  });
  const answer = (await response.json()) as Record<string, any>;
  assert.ok(
    response.ok,
    `${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`,
  );
  return answer;
}

/** Like a collection of Kuzzle: an index, and its alias. */
export async function createCollection(
  index: string,
  collection: string,
  mappings: object,
  settings: object = {},
): Promise<void> {
  await ask("PUT", pathOf(`&${index}.${collection}`), {
    aliases: { [`@&${index}.${collection}`]: {} },
    mappings,
    settings: { number_of_replicas: 0, ...settings },
  });
}

export async function deleteCollection(
  index: string,
  collection: string,
): Promise<void> {
  await ask("DELETE", pathOf(`&${index}.${collection}`));
}

/** A path below a collection: `_doc/1`, `_count`, … */
export function collectionPath(
  index: string,
  collection: string,
  rest: string,
): string {
  return `${pathOf(`@&${index}.${collection}`)}/${rest}`;
}

function pathOf(name: string): string {
  return `/${encodeURIComponent(name)}`;
}
