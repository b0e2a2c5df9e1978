/** The Kuzzle that is asked while nodes of its engine die. */
import assert from "node:assert/strict";

import type { RunningKuzzle } from "../../../scripts/stack/kuzzle";
import type { Answer, Call } from "./calls";

export const INDEX = "failover";
export const COLLECTION = "documents";
const USER = { username: "failover", password: "failover" };
/** An answer that takes longer will never come. */
export const ANSWER_MS = 90_000;

let jwt = "";

/** @returns undefined when there is no answer */
export async function send(
  kuzzle: RunningKuzzle,
  call: Call,
): Promise<Answer | undefined> {
  const startedAt = Date.now();
  const { method, path, body } = requestOf(call);
  try {
    const response = await fetch(`${kuzzle.url}/_/batch/${INDEX}${path}`, {
      method,
      headers: headers(),
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const answer = (await response.json()) as Omit<Answer, "tookMs">;
    return { ...answer, tookMs: Date.now() - startedAt };
  } catch {
    return undefined;
  }
}

function requestOf({ kind, documents }: Call): {
  method: string;
  path: string;
  body: object;
} {
  const collection = COLLECTION;
  switch (kind) {
    case "batchWrite":
      return {
        method: "POST",
        path: "/_batchWrite?refresh=wait_for&atomic",
        body: {
          operations: documents.map(({ isDeleted, ...document }) =>
            isDeleted === true
              ? { delete: { collection, _id: document._id } }
              : { createOrReplace: { collection, ...document } },
          ),
        },
      };
    case "mUpdate":
      return {
        method: "PUT",
        path: `/${collection}/_mUpdate?refresh=wait_for`,
        body: { documents },
      };
    default:
      return {
        method: "POST",
        path: `/${collection}/_mWrite?refresh=wait_for${kind === "atomic" ? "&atomic" : ""}`,
        body: { documents },
      };
  }
}

export async function prepare(kuzzle: RunningKuzzle): Promise<void> {
  await query(kuzzle, {
    controller: "security",
    action: "createFirstAdmin",
    _id: USER.username,
    body: { content: {}, credentials: { local: USER } },
  });
  const { jwt: token } = (await query(kuzzle, {
    controller: "auth",
    action: "login",
    strategy: "local",
    body: USER,
  })) as { jwt: string };
  jwt = token;
  await query(kuzzle, { controller: "index", action: "create", index: INDEX });
  await query(kuzzle, {
    controller: "collection",
    action: "create",
    index: INDEX,
    collection: COLLECTION,
    body: { settings: { number_of_shards: 3, number_of_replicas: 1 } },
  });
}

async function query(
  { url }: RunningKuzzle,
  request: object,
): Promise<unknown> {
  const response = await fetch(`${url}/_query`, {
    method: "POST",
    headers: headers(),
    body: JSON.stringify(request),
  });
  const { error, result } = (await response.json()) as {
    error: unknown;
    result: unknown;
  };
  assert.equal(error, null, JSON.stringify(error));
  return result;
}

export function headers(): Record<string, string> {
  return {
    "content-type": "application/json",
    ...(jwt !== "" && { authorization: `Bearer ${jwt}` }),
  };
}
