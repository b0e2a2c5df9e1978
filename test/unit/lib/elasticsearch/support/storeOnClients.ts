import { Elasticsearch } from "kuzzle/dist/lib/service/storage/Elasticsearch";
import should from "should";

import {
  EngineError,
  type BulkItem,
} from "../../../../../lib/core/ports/DocumentStore";
import { ElasticsearchStore } from "../../../../../lib/elasticsearch/ElasticsearchStore";
import {
  EngineCaller,
  type EngineTransport,
} from "../../../../../lib/elasticsearch/transport";
import { FakeEngine, type Reply } from "../../../../support/FakeEngine";

export interface Client {
  readonly transport: EngineTransport;
  close(): Promise<void> | void;
}

export type ClientVersion = "7" | "8";

const TIMEOUT_MS = 500;

export const ALL = { kind: "all" } as const;
export const ITEM: BulkItem = {
  operation: "index",
  _id: "a",
  payload: '{"n":1}',
};

export function storeOver(transport: EngineTransport): ElasticsearchStore {
  const caller = new EngineCaller(transport, {
    requestTimeoutMs: TIMEOUT_MS,
    now: () => 0,
    onCall: () => undefined,
  });
  return new ElasticsearchStore(caller);
}

/** Like Kuzzle's own; its limit of retries stays the default. */
export function clientFor(node: string, version: ClientVersion): Client {
  return Elasticsearch.buildClient({ node }, version);
}

/** A store, and its fake Elasticsearch. */
export class StoreOnClient {
  engine!: FakeEngine;
  store!: ElasticsearchStore;

  constructor(readonly version: ClientVersion) {}

  read(isRaw = false) {
    return this.store.getMany(
      [{ index: "nyc", addresses: [{ collection: "yellow", _id: "a" }] }],
      ALL,
      isRaw,
    );
  }

  write() {
    return this.store.bulk(
      [{ index: "nyc", collection: "yellow", items: [ITEM] }],
      "false",
    );
  }

  /** The error of a call; `engine.seen` has what the engine received. */
  async failureTo(
    reply: Reply,
    call: () => Promise<unknown>,
  ): Promise<EngineError> {
    this.engine.answers(reply);
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    should(error).be.instanceOf(EngineError);
    return error as EngineError;
  }
}

/** The same tests with the clients for both versions. */
export function describeOnClients(
  title: string,
  tests: (given: StoreOnClient) => void,
): void {
  for (const version of ["7", "8"] as const) {
    describe(`${title}, with the client for version ${version}`, () => {
      const given = new StoreOnClient(version);
      let client: Client;

      before(async () => {
        given.engine = await FakeEngine.start();
      });

      beforeEach(() => {
        client = clientFor(given.engine.url, version);
        given.store = storeOver(client.transport);
      });

      afterEach(() => client.close());

      after(() => given.engine.stop());

      tests(given);
    });
  }
}

/** The end of a title. */
export function asRead(isRaw: boolean): string {
  return isRaw ? ", its source not parsed" : "";
}
