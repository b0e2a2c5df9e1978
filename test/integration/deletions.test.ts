/** The versions on which the rollback of deletions relies are tested on the engine. */
import { randomUUID } from "node:crypto";

import should from "should";

import {
  atomicWrite,
  type AtomicResult,
} from "../../lib/core/atomic/atomicWrite";
import {
  createExecutionContext,
  SYSTEM_CLOCK,
} from "../../lib/core/ExecutionContext";
import type {
  BulkItem,
  DocumentStore,
} from "../../lib/core/ports/DocumentStore";
import { ElasticsearchJournals } from "../../lib/elasticsearch/ElasticsearchJournals";
import { ElasticsearchStore } from "../../lib/elasticsearch/ElasticsearchStore";
import { writeCommand } from "../support/commands";
import {
  ask,
  collectionPath,
  createCollection,
  deleteCollection,
  openCaller,
} from "./support/engine";

const INDEX = "deletions";
const JOURNALS = encodeURIComponent("@%plugin-batch.journals");
const pathOf = (_id: string): string =>
  collectionPath(INDEX, "yellow", `_doc/${_id}`);

async function put(_id: string, body: object): Promise<number> {
  return (await ask("PUT", pathOf(_id), body))._version as number;
}

async function remove(_id: string): Promise<number> {
  return (await ask("DELETE", pathOf(_id)))._version as number;
}

async function read(_id: string): Promise<Record<string, any>> {
  return ask("POST", collectionPath(INDEX, "yellow", "_mget"), {
    docs: [{ _id }],
  }).then(({ docs }) => docs[0] as Record<string, any>);
}

describe("the rollback of a deletion on the engine", () => {
  const { caller, close } = openCaller();

  before(() =>
    createCollection(
      INDEX,
      "yellow",
      { dynamic: "strict", properties: { n: { type: "integer" } } },
      { gc_deletes: "60s" },
    ),
  );
  after(async () => {
    await deleteCollection(INDEX, "yellow");
    await ask(
      "POST",
      `/${JOURNALS}/_delete_by_query?refresh&conflicts=proceed`,
      { query: { term: { index: INDEX } } },
    );
    await close();
  });

  /**
   * A batch that deletes the document and fails because of another one.
   *
   * @param meanwhile runs just before the document is restored
   */
  async function rolledBack(
    _id: string,
    meanwhile: () => Promise<unknown>,
  ): Promise<AtomicResult> {
    const between = (store: DocumentStore): DocumentStore => ({
      getMany: (...args) => store.getMany(...args),
      getRaw: (...args) => store.getRaw(...args),
      refresh: (...args) => store.refresh(...args),
      isBulkRunning: (...args) => store.isBulkRunning(...args),
      describe: (...args) => store.describe(...args),
      pin: (...args) => store.pin(...args),
      pinnedTo: (uuids) => between(store.pinnedTo(uuids)),
      bulk: async (parts, ...args) => {
        const items = parts.flatMap((part) => part.items);
        const isBack = (item: BulkItem): boolean =>
          item.operation === "create" && item._id === _id;
        if (items.some(isBack)) {
          await meanwhile();
        }
        return store.bulk(parts, ...args);
      },
    });
    return atomicWrite(
      writeCommand({
        index: INDEX,
        documents: [
          { position: 0, op: "delete", collection: "yellow", _id, body: {} },
          {
            position: 1,
            op: "write",
            collection: "yellow",
            _id: "refused",
            body: { n: 99_999_999_999 },
          },
        ],
      }),
      {
        execution: createExecutionContext(
          between(new ElasticsearchStore(caller)),
          {
            readChunkDocuments: 100,
            writeChunkDocuments: 100,
            writeChunkBytes: 1_000_000,
            minConcurrency: 1,
            maxConcurrency: 2,
            maxQueueMs: 10_000,
            maxRetries: 3,
            retryBaseDelayMs: 10,
            retryMaxDelayMs: 100,
          },
          SYSTEM_CLOCK,
        ),
        journals: new ElasticsearchJournals(caller),
        times: { leaseMs: 120_000, tombstoneMs: 600_000, taskWaitMs: 10_000 },
        maxJournalBytes: 1_000_000,
        nodeId: randomUUID(),
        epoch: () => Date.now(),
      },
    );
  }

  it("counts a deletion and a creation as one version each [M3, W3]", async () => {
    await put("a", { n: 1 });
    const version = await put("a", { n: 2 });
    const result = await rolledBack("a", () => Promise.resolve());

    should(result.outcome).equal("rolled_back");
    should(await read("a")).containDeep({
      found: true,
      _version: version + 2,
      _source: { n: 2 },
    });
  });

  it("deletes again what others have created and deleted in between [M3, W3]", async () => {
    const version = await put("b", { n: 1 });
    const result = await rolledBack("b", async () => {
      await put("b", { n: 3 });
      should(await remove("b")).equal(version + 3);
    });

    should(result).containEql({
      outcome: "rollback_incomplete",
      modifiedCount: 1,
    });
    should(await read("b")).containEql({ found: false });
  });

  it("counts from 1 again after the engine has forgotten the deletion [M3, W3]", async () => {
    await put("c", { n: 1 });
    await put("c", { n: 2 });
    const settings = collectionPath(INDEX, "yellow", "_settings");
    const result = await rolledBack("c", async () => {
      await ask("PUT", settings, { index: { gc_deletes: "0s" } });
      // the engine forgets deletions when it refreshes, after two refreshes at most
      for (const n of [1, 2]) {
        await put("other", { n });
        await ask("POST", collectionPath(INDEX, "yellow", "_refresh"));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    });

    should(result.outcome).equal("rolled_back");
    should(await read("c")).containDeep({ _version: 1, _source: { n: 2 } });
  });
});
