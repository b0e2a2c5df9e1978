import { readFileSync } from "node:fs";

import { ApiError, type Connection } from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { UsageError } from "../usage";
import type { Place } from "./searchIds";

export interface Properties {
  readonly [name: string]: { readonly properties?: Properties };
}

export interface Mappings {
  readonly properties?: Properties;
}

const CREATE_INDEX = {
  controller: "index",
  action: "create",
  http: { method: "POST", path: "/:index/_create" },
} as const;

const CREATE_COLLECTION = {
  controller: "collection",
  action: "create",
  http: { method: "PUT", path: "/:index/:collection" },
} as const;

const GET_MAPPINGS = {
  controller: "collection",
  action: "getMapping",
  http: { method: "GET", path: "/:index/:collection/_mapping" },
} as const;

/** @throws ApiError without the right for `collection:getMapping` */
export async function mappingsOf(
  reliable: ReliableConnection,
  { index, collection }: Place,
): Promise<Mappings> {
  return (await reliable.call({
    ...GET_MAPPINGS,
    ...{ index, collection },
  })) as Mappings;
}

/**
 * Creates a collection, and its index, with the mappings of a file; if it exists,
 * Kuzzle updates the mappings.
 *
 * @param file as `export --mappings` writes it
 * @throws UsageError for an invalid file
 * @throws ApiError if Kuzzle rejects it
 */
export async function createCollection(
  connection: Connection,
  { index, collection }: Place,
  file: string,
): Promise<void> {
  const body = readMappings(file);
  try {
    await connection.call({ ...CREATE_INDEX, index });
  } catch (error) {
    if (!(error instanceof ApiError && error.id.endsWith(INDEX_EXISTS))) {
      throw error;
    }
  }
  await connection.call({ ...CREATE_COLLECTION, index, collection, body });
}

const INDEX_EXISTS = ".index_already_exists";

function readMappings(file: string): Buffer {
  try {
    const text = readFileSync(file);
    const { mappings } = JSON.parse(text.toString()) as { mappings?: unknown };
    if (typeof mappings === "object" && mappings !== null) return text;
    throw new Error('it is not { "mappings": … }');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
