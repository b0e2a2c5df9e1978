/**
 * What goes wrong in the middle of an atomic batch, in the application under test: somebody else
 * writes between two steps, past Kuzzle, or an answer of the engine comes late or not at all.
 */
import { EngineError } from "../../lib/core/ports/DocumentStore";
import { ElasticsearchStore } from "../../lib/elasticsearch/ElasticsearchStore";

export interface Interference {
  /** just before the batch is sent, or what it has written is taken back */
  readonly step: "bulk" | "undo";
  readonly kind: "foreign writes" | "delay" | "lost answer";
  /** null deletes */
  readonly documents?: Readonly<Record<string, object | null>>;
  readonly delayMs?: number;
}

interface Engine {
  readonly transport: {
    request(request: {
      method: string;
      path: string;
      bulkBody: string;
    }): Promise<unknown>;
  };
}

let planned: Interference | undefined;

/** Once, at the next time that it comes to that. */
export function planInterference(interference: Interference | undefined): void {
  planned = interference;
}

export function makeInterferencePossible(): void {
  const bulk: ElasticsearchStore["bulk"] = Reflect.get(
    ElasticsearchStore.prototype,
    "bulk",
  );

  ElasticsearchStore.prototype.bulk = async function (...args) {
    const [index, collection, , , opaqueId] = args;
    const step = opaqueId?.endsWith("/undo") === true ? "undo" : "bulk";
    const interference = planned;

    if (interference?.step !== step) {
      return bulk.apply(this, args);
    }
    planned = undefined;
    switch (interference.kind) {
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
        const reason = "The engine's answer is lost.";
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

function writeForeign(
  index: string,
  collection: string,
  documents: Readonly<Record<string, object | null>>,
): Promise<unknown> {
  const { app } = global as unknown as {
    app: { storage: { storageClient: Engine } };
  };
  const lines = Object.entries(documents).flatMap(([_id, source]) =>
    source === null ? [{ delete: { _id } }] : [{ index: { _id } }, source],
  );

  return app.storage.storageClient.transport.request({
    method: "POST",
    path: `/${encodeURIComponent(`@&${index}.${collection}`)}/_bulk`,
    bulkBody: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  });
}
