/** Direct access to the engine, bypassing Kuzzle, to see what is stored and to break things. */
import assert from "node:assert/strict";

import { environment } from "./environment";

export async function askEngine(
  verb: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(new URL(path, environment.elasticsearchUrl), {
    method: verb,
    ...(body === undefined
      ? {}
      : {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
  });

  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  };
}

export async function tellEngine(
  verb: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const answer = await askEngine(verb, path, body);

  assert.ok(
    answer.status < 300,
    `${verb} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
  );

  return answer.body;
}

/** The engine's name for a Kuzzle collection, written "index:collection". */
export function alias(address: string): string {
  const [index, collection] = splitAddress(address);

  return encodeURIComponent(`@&${index}.${collection}`);
}

export function splitAddress(
  address: string,
): [index: string, collection: string] {
  const [index, collection, ...rest] = address.split(":");

  assert.ok(
    index !== undefined && collection !== undefined && rest.length === 0,
    `"${address}" should be "index:collection"`,
  );

  return [index, collection];
}

/** A realtime read of one document; null if it does not exist. */
export async function storedSource(
  address: string,
  id: string,
): Promise<unknown> {
  const { body } = await askEngine(
    "GET",
    `/${alias(address)}/_doc/${encodeURIComponent(id)}`,
  );

  return body["found"] === true ? body["_source"] : null;
}

export async function countStored(address: string): Promise<unknown> {
  await tellEngine("POST", `/${alias(address)}/_refresh`);

  return (await tellEngine("GET", `/${alias(address)}/_count`))["count"];
}
