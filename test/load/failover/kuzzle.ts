/** The Kuzzle that receives requests while nodes of its engine die. */
import { KuzzleClient } from "../KuzzleClient";
import type { Answer, Call } from "./calls";
import { REPLICATED } from "./servers";

export const INDEX = "failover";
export const COLLECTION = "documents";
/** A response that takes longer will never arrive. */
export const ANSWER_MS = 90_000;

/** @returns undefined if there is no response */
export async function send(
  kuzzle: KuzzleClient,
  call: Call,
): Promise<Answer | undefined> {
  const startedAt = Date.now();
  const { path, body, ...options } = requestOf(call);
  try {
    const answer = await kuzzle.send(
      `/_/batch/${INDEX}${path}`,
      JSON.stringify(body),
      { ...options, patienceMs: ANSWER_MS },
    );
    const tookMs = Date.now() - startedAt;
    return { ...(answer as Answer), startedAt, tookMs };
  } catch {
    return undefined;
  }
}

function requestOf({ kind, documents }: Call): {
  method?: "PUT";
  path: string;
  body: object;
} {
  const collection = COLLECTION;
  switch (kind) {
    case "batchWrite":
      return {
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
        path: `/${collection}/_mWrite?refresh=wait_for${kind === "atomic" ? "&atomic" : ""}`,
        body: { documents },
      };
  }
}

export async function prepare(url: string): Promise<KuzzleClient> {
  const kuzzle = await KuzzleClient.logIn(url);
  await kuzzle.createCollection(INDEX, COLLECTION, REPLICATED);
  return kuzzle;
}
