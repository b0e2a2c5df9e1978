import { split } from "../../client/index";
import type { Log } from "../stack/progress";
import { seconds } from "../stack/progress";
import { type Bar, newBar } from "./bar";
import {
  COLLECTIONS,
  DATASET,
  INDEX,
  MAPPINGS,
  type PlaceDocument,
  placesByCollection,
} from "./places";

const REQUESTS_IN_FLIGHT = 4;

/** Loads the sample data through the plugin's own mWrite, unless it is complete. */
export async function loadSample(kuzzle: string, log: Log): Promise<void> {
  const call = caller(kuzzle);
  const places = placesByCollection();
  const total = [...places.values()].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  if (await isComplete(call, places)) {
    log(
      `✓ The sample data is already loaded: ${total} places in the index "${INDEX}"`,
    );
    return;
  }

  const started = Date.now();
  log(`• Loading ${total} places into the index "${INDEX}" with batch:mWrite`);
  await createCollections(call);
  const bar = newBar(total, log);
  const queue = requests(places);
  const workers = Array.from({ length: REQUESTS_IN_FLIGHT }, () =>
    work(queue, call, bar),
  );
  await Promise.all(workers).finally(() => bar.stop());
  await refresh(call);
  log(`✓ Loaded ${total} places (${seconds(Date.now() - started)})`);
}

interface WriteRequest {
  readonly collection: string;
  readonly documents: readonly PlaceDocument[];
}

function* requests(
  places: Map<string, PlaceDocument[]>,
): Generator<WriteRequest> {
  for (const [collection, documents] of places) {
    for (const part of split(documents)) {
      if (part.kind === "too_large") {
        throw new Error(`${part.item._id} has ${part.bytes} bytes`);
      }
      yield { collection, documents: part.items };
    }
  }
}

/** One of several workers that share a queue. */
async function work(
  queue: Iterator<WriteRequest>,
  call: Call,
  bar: Bar,
): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const { collection, documents } = next.value;
    await write(call, collection, documents);
    bar.advance(documents.length);
  }
}

async function write(
  call: Call,
  collection: string,
  documents: readonly PlaceDocument[],
): Promise<void> {
  const path = `/_/batch/${INDEX}/${collection}/_mWrite?source=false`;
  const { errors } = (await call("POST", path, { documents })) as {
    errors: unknown[];
  };
  if (errors.length === 0) return;
  throw new Error(
    `${errors.length} places were not written to ${collection}, the first: ${JSON.stringify(errors[0])}`,
  );
}

/** Creates what is missing, and updates the mappings. */
async function createCollections(call: Call): Promise<void> {
  if (!(await call("GET", `/${INDEX}/_exists`))) {
    await call("POST", `/${INDEX}/_create`);
  }
  for (const collection of COLLECTIONS) {
    await call("PUT", `/${INDEX}/${collection}`, {
      mappings: MAPPINGS,
      settings: { number_of_replicas: 0 },
    });
  }
}

/** Whether every collection has all of its documents of this release. */
async function isComplete(
  call: Call,
  places: Map<string, PlaceDocument[]>,
): Promise<boolean> {
  if (!(await call("GET", `/${INDEX}/_exists`))) return false;
  for (const [collection, { length }] of places) {
    if (!(await call("GET", `/${INDEX}/${collection}/_exists`))) return false;
    const { count } = (await call("POST", `/${INDEX}/${collection}/_count`, {
      query: { term: { dataset: DATASET } },
    })) as { count: number };
    if (count !== length) return false;
  }
  return true;
}

async function refresh(call: Call): Promise<void> {
  for (const collection of COLLECTIONS) {
    await call("POST", `/${INDEX}/${collection}/_refresh`);
  }
}

/** Calls Kuzzle and returns the result; throws its errors. */
type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

function caller(kuzzle: string): Call {
  return async (method, path, body) => {
    const response = await fetch(`${kuzzle}${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    const { result, error } = (await response.json()) as {
      result: unknown;
      error: { message: string } | null;
    };
    if (error) throw new Error(`${method} ${path}: ${error.message}`);
    return result;
  };
}
