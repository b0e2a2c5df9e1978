/**
 * Faults in the middle of an atomic batch, in the application under test: another client writes
 * between two steps, bypassing Kuzzle, or an answer of the engine is late or lost.
 */
import { EngineError } from "../../lib/core/ports/DocumentStore";
import { ElasticsearchStore } from "../../lib/elasticsearch/ElasticsearchStore";

export interface Interference {
  /** just before the batch is sent, or before its writes are rolled back */
  readonly step: "bulk" | "rollback";
  readonly kind: "foreign writes" | "created anew" | "delay" | "lost answer";
  /** null deletes */
  readonly documents?: Readonly<Record<string, object | null>>;
  readonly delayMs?: number;
}

interface Engine {
  readonly transport: {
    request(request: {
      method: string;
      path: string;
      bulkBody?: string;
      body?: object;
    }): Promise<unknown>;
  };
}

let planned: Interference | undefined;

/** Takes effect once, the next time that this step is reached. */
export function planInterference(interference: Interference | undefined): void {
  planned = interference;
}

export function makeInterferencePossible(): void {
  const bulk: ElasticsearchStore["bulk"] = Reflect.get(
    ElasticsearchStore.prototype,
    "bulk",
  );

  ElasticsearchStore.prototype.bulk = async function (...args) {
    const [[part], , opaqueId] = args;
    const { index = "", collection = "" } = part ?? {};
    const step = opaqueId?.endsWith("/rollback") === true ? "rollback" : "bulk";
    const interference = planned;

    if (interference?.step !== step) {
      return bulk.apply(this, args);
    }
    planned = undefined;
    switch (interference.kind) {
      case "created anew":
        await createAnew(index, collection);
        await writeForeign(index, collection, interference.documents ?? {});
        break;
      case "foreign writes":
        await writeForeign(index, collection, interference.documents ?? {});
        break;
      case "delay":
        await new Promise((resolve) =>
          setTimeout(resolve, interference.delayMs),
        );
        break;
      case "lost answer": {
        void bulk.apply(this, args);
        const reason = "The response from Elasticsearch was lost.";
        const code = "unknown_outcome";
        throw new EngineError(
          { status: 500, code, reason, retryable: false },
          false,
        );
      }
    }
    return bulk.apply(this, args);
  };
}

/** Deletes the collection and creates it again, with the same name in Kuzzle and the engine. */
async function createAnew(index: string, collection: string): Promise<void> {
  const { transport } = storageClient();
  const alias = `@&${index}.${collection}`;
  const path = `/${encodeURIComponent(alias)}`;
  const answer = await transport.request({ method: "GET", path });
  // client 7 has the answer in `body`
  const { body = answer } = answer as { body?: unknown };
  const [name = ""] = Object.keys(body as object);
  const own = `/${encodeURIComponent(name)}`;
  await transport.request({ method: "DELETE", path: own });
  await transport.request({
    method: "PUT",
    path: own,
    body: { aliases: { [alias]: {} } },
  });
}

function storageClient(): Engine {
  const { app } = global as unknown as {
    app: { storage: { storageClient: Engine } };
  };
  return app.storage.storageClient;
}

function writeForeign(
  index: string,
  collection: string,
  documents: Readonly<Record<string, object | null>>,
): Promise<unknown> {
  const lines = Object.entries(documents).flatMap(([_id, source]) =>
    source === null ? [{ delete: { _id } }] : [{ index: { _id } }, source],
  );

  return storageClient().transport.request({
    method: "POST",
    path: `/${encodeURIComponent(`@&${index}.${collection}`)}/_bulk`,
    bulkBody: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  });
}
