import { Elasticsearch } from "kuzzle/dist/lib/service/storage/Elasticsearch";
import should from "should";

import { ElasticsearchStore } from "../../../../lib/elasticsearch/ElasticsearchStore";
import {
  EngineCaller,
  type EngineTransport,
} from "../../../../lib/elasticsearch/transport";
import {
  EngineError,
  type BulkItem,
} from "../../../../lib/core/ports/DocumentStore";
import { sourceOf } from "../../../../lib/core/RawSource";
import type { StoredDocument } from "../../../../lib/core/documents";
import type { Outcome } from "../../../../lib/core/outcome";
import {
  cut,
  FakeEngine,
  halfABody,
  json,
  silence,
  standstill,
  text,
  type Reply,
} from "../../../support/FakeEngine";

interface Client {
  readonly transport: EngineTransport;
  close(): Promise<void> | void;
}

const TIMEOUT_MS = 500;
const ALL = { kind: "all" } as const;
const DONE = {
  _version: 3,
  _seq_no: 7,
  _primary_term: 1,
  _shards: { total: 2, successful: 1, failed: 0 },
  result: "updated",
  status: 200,
};
const ITEM: BulkItem = { operation: "index", _id: "a", payload: '{"n":1}' };

function storeOver(
  transport: EngineTransport,
  now: () => number = () => 0,
): ElasticsearchStore {
  const caller = new EngineCaller(transport, {
    requestTimeoutMs: TIMEOUT_MS,
    now,
    onCall: () => undefined,
  });
  return new ElasticsearchStore(caller);
}

/** The end of a title. */
function asRead(isRaw: boolean): string {
  return isRaw ? ", its source not parsed" : "";
}

/** What it is when parsed. */
function parsed(outcome: Outcome<StoredDocument | null>): unknown {
  return outcome.ok && outcome.value !== null
    ? {
        ok: true,
        value: { ...outcome.value, _source: sourceOf(outcome.value) },
      }
    : outcome;
}

for (const version of ["7", "8"] as const) {
  describe(`ElasticsearchStore with the client for version ${version}`, () => {
    let engine: FakeEngine;
    let client: Client;
    let store: ElasticsearchStore;
    let now: number;

    before(async () => {
      engine = await FakeEngine.start();
    });

    beforeEach(() => {
      now = 0;
      // as Kuzzle itself makes it; its own limit of re-sends stays what it is by default
      client = Elasticsearch.buildClient({ node: engine.url }, version);
      store = storeOver(client.transport, () => now);
    });

    afterEach(async () => {
      await client.close();
    });

    after(async () => {
      await engine.stop();
    });

    /** The error of a call, and what the engine saw of it. */
    async function failureTo(
      reply: Reply,
      call: () => Promise<unknown>,
    ): Promise<EngineError> {
      engine.answers(reply);
      const error = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      should(error).be.instanceOf(EngineError);
      return error as EngineError;
    }

    const read = (isRaw = false) =>
      store.getMany(
        [{ index: "nyc", addresses: [{ collection: "yellow", _id: "a" }] }],
        ALL,
        isRaw,
      );
    const write = () =>
      store.bulk(
        [{ index: "nyc", collection: "yellow", items: [ITEM] }],
        "false",
      );

    describe("getMany", () => {
      it("[G1] asks one collection by realtime multi-get, with the alias encoded", async () => {
        engine.answers(json(200, { docs: [] }));
        await store.getMany(
          [
            {
              index: "nyc",
              addresses: [
                { collection: "yellow/é", _id: "a" },
                { collection: "yellow/é", _id: "b/ü" },
              ],
            },
          ],
          ALL,
        );

        should(engine.seen).have.length(1);
        should(engine.seen[0]).containEql({
          method: "POST",
          path: "/%40%26nyc.yellow%2F%C3%A9/_mget",
          query: {},
        });
        should(JSON.parse(engine.seen[0]?.body ?? "")).eql({
          ids: ["a", "b/ü"],
        });
      });

      it("[G1] asks several collections by one multi-get", async () => {
        engine.answers(json(200, { docs: [] }));
        await store.getMany(
          [
            {
              index: "nyc",
              addresses: [
                { collection: "yellow", _id: "a" },
                { collection: "green", _id: "a" },
              ],
            },
          ],
          { kind: "none" },
        );

        should(engine.seen[0]).containEql({
          path: "/_mget",
          query: { _source: "false" },
        });
        should(JSON.parse(engine.seen[0]?.body ?? "")).eql({
          docs: [
            { _index: "@&nyc.yellow", _id: "a" },
            { _index: "@&nyc.green", _id: "a" },
          ],
        });
      });

      it("asks for the fields that are wanted", async () => {
        engine.answers(json(200, { docs: [] }));
        const source = {
          kind: "fields",
          includes: ["a.*", "b c"],
          excludes: ["a.é"],
        } as const;
        await store.getMany(
          [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
          source,
        );
        await store.getMany(
          [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
          {
            ...source,
            includes: [],
          },
        );

        should(engine.seen.map(({ query }) => query)).eql([
          { _source_includes: "a.*,b c", _source_excludes: "a.é" },
          { _source_excludes: "a.é" },
        ]);
      });

      for (const isRaw of [false, true]) {
        it(`[R2] tells found, not found and failed apart, by position${asRead(isRaw)}`, async () => {
          engine.answers(
            json(200, {
              docs: [
                {
                  _index: "x",
                  _id: "a",
                  _version: 2,
                  _seq_no: 5,
                  _primary_term: 1,
                  found: true,
                  _source: { n: 1 },
                },
                { _index: "x", _id: "b", found: false },
                {
                  _index: "x",
                  _id: "c",
                  error: { type: "index_closed_exception", reason: "closed" },
                },
                {
                  _index: "x",
                  _id: "d",
                  error: {
                    type: "no_shard_available_action_exception",
                    reason: "no shard",
                  },
                },
              ],
            }),
          );
          const { outcomes } = await store.getMany(
            [
              {
                index: "nyc",
                addresses: ["a", "b", "c", "d"].map((_id) => ({
                  collection: "yellow",
                  _id,
                })),
              },
            ],
            ALL,
            isRaw,
          );

          should(outcomes.map(parsed)).eql([
            {
              ok: true,
              value: {
                _id: "a",
                _source: { n: 1 },
                _version: 2,
                _seq_no: 5,
                _primary_term: 1,
              },
            },
            { ok: true, value: null },
            {
              ok: false,
              failure: {
                status: 400,
                code: "unavailable",
                reason: "closed",
                retryable: false,
              },
            },
            {
              ok: false,
              failure: {
                status: 503,
                code: "unavailable",
                reason: "no shard",
                retryable: true,
              },
            },
          ]);
        });
      }

      it("[G3] tells how large the engine's answer was", async () => {
        const body = JSON.stringify({ docs: [] });
        engine.answers(text(200, body));

        should((await read()).bytes).equal(body.length);
      });
    });

    describe("bulk", () => {
      it("sends each item as two lines, to the collection's alias", async () => {
        engine.answers(json(200, { took: 5, errors: false, items: [] }));
        await store.bulk(
          [
            {
              index: "nyc",
              collection: "yellow",
              items: [
                ITEM,
                { operation: "create", _id: 'q"\n', payload: "{}" },
                {
                  operation: "update",
                  _id: "c",
                  payload: '{"doc":{}}',
                  precondition: { ifSeqNo: 4, ifPrimaryTerm: 2 },
                },
              ],
            },
          ],
          "wait_for",
        );

        should(engine.seen).have.length(1);
        should(engine.seen[0]).containEql({
          method: "POST",
          path: "/%40%26nyc.yellow/_bulk",
          query: { refresh: "wait_for", require_alias: "true" },
          body: [
            '{"index":{"_id":"a"}}',
            '{"n":1}',
            '{"create":{"_id":"q\\"\\n"}}',
            "{}",
            '{"update":{"_id":"c","if_seq_no":4,"if_primary_term":2}}',
            '{"doc":{}}',
            "",
          ].join("\n"),
        });
        should(engine.seen[0]?.headers["content-type"]).match(/ndjson/);
      });

      it("[R1, R9] answers each item by its position", async () => {
        const refusal = (status: number, type: string) => ({
          status,
          error: { type, reason: `because of ${type}` },
        });
        engine.answers(
          json(200, {
            took: 5,
            errors: true,
            items: [
              { index: DONE },
              { index: refusal(400, "mapper_parsing_exception") },
              { index: refusal(429, "es_rejected_execution_exception") },
              { update: { ...DONE, get: { _source: { n: 1 } } } },
              { update: refusal(409, "version_conflict_engine_exception") },
              { create: refusal(409, "version_conflict_engine_exception") },
              { index: refusal(500, "node_disconnected_exception") },
            ],
          }),
        );
        const update: BulkItem = { ...ITEM, operation: "update" };
        const create: BulkItem = { ...ITEM, operation: "create" };
        const { outcomes, tookMs } = await store.bulk(
          [
            {
              index: "nyc",
              collection: "yellow",
              items: [ITEM, ITEM, ITEM, update, update, create, ITEM],
            },
          ],
          "false",
        );

        should(tookMs).equal(5);
        should(
          outcomes.map((each) =>
            each.ok
              ? { ...each.value, _source: sourceOf(each.value) }
              : [
                  each.failure.code,
                  each.failure.status,
                  each.failure.retryable,
                ],
          ),
        ).eql([
          { ...DONE, _source: undefined },
          ["mapping", 400, false],
          ["rejected", 429, true],
          { ...DONE, _source: { n: 1 } },
          ["version_conflict", 409, true],
          ["version_conflict", 409, false],
          ["unknown_outcome", 500, false],
        ]);
        should(outcomes[1])
          .have.propertyByPath("failure", "reason")
          .equal("because of mapper_parsing_exception");
      });

      it("[R9] a conflict of a conditional update is not retryable", async () => {
        engine.answers(
          json(200, {
            took: 1,
            items: [
              {
                update: {
                  status: 409,
                  error: { type: "version_conflict_engine_exception" },
                },
              },
            ],
          }),
        );
        const { outcomes } = await store.bulk(
          [
            {
              index: "nyc",
              collection: "yellow",
              items: [
                {
                  ...ITEM,
                  operation: "update",
                  precondition: { ifSeqNo: 1, ifPrimaryTerm: 1 },
                },
              ],
            },
          ],
          "false",
        );
        should(outcomes[0]).have.propertyByPath("failure", "retryable").false();
      });
    });

    describe("a call that fails as a whole", () => {
      const error = (type: string) => ({
        error: { type, reason: `because of ${type}` },
      });
      const LOST: Array<[string, Reply]> = [
        ["502", json(502, {})],
        ["503", json(503, error("unavailable_shards_exception"))],
        ["504", text(504, "gateway time-out")],
        ["500", json(500, error("illegal_state_exception"))],
        ["half a body", halfABody],
        ["a body that is no JSON", text(200, '{"took":1,"items":[')],
        ["documents that break off", text(200, '{"docs":[{"found":false}')],
        ["no body at all", text(200, "")],
        ["a line that is cut", cut],
        ["silence", silence],
        ["an answer that stands still", standstill],
      ];
      for (const [title, reply] of LOST) {
        it(`[R10] ${title}: a write is sent once, and its outcome unknown`, async () => {
          const { failure, retryable } = await failureTo(reply, write);

          should(engine.seen).have.length(1);
          should(retryable).be.false();
          should(failure).containEql({
            status: 500,
            code: "unknown_outcome",
            retryable: false,
          });
        });

        for (const isRaw of [false, true]) {
          it(`[R2, R9] ${title}: a read is unavailable, and may be tried again${asRead(isRaw)}`, async () => {
            const { failure, retryable } = await failureTo(reply, () =>
              read(isRaw),
            );

            should(engine.seen).have.length(1);
            should(retryable).be.false();
            should(failure).containEql({
              status: 503,
              code: "unavailable",
              retryable: true,
            });
          });
        }
      }

      it("[R10] 429: rejected, so that it may be sent again", async () => {
        for (const call of [() => read(), () => read(true), write]) {
          const { failure, retryable } = await failureTo(
            json(429, error("es_rejected_execution_exception")),
            call,
          );
          should(engine.seen).have.length(1);
          should(retryable).be.true();
          should(failure).eql({
            status: 429,
            code: "rejected",
            reason: "because of es_rejected_execution_exception",
            retryable: true,
          });
        }
      });

      it("[R10] 429 without a word of the engine, as a proxy sends it", async () => {
        const { failure, retryable } = await failureTo(
          text(429, '"slow down"'),
          write,
        );
        should(retryable).be.true();
        should(failure).containEql({ status: 429, code: "rejected" });
      });

      it("[R9] 413: too large, and of no use to send again", async () => {
        const { failure, retryable } = await failureTo(json(413, {}), write);
        should(engine.seen).have.length(1);
        should(retryable).be.false();
        should(failure).containEql({
          status: 413,
          code: "too_large",
          retryable: false,
        });
      });

      it("[R9] 400: invalid", async () => {
        const { failure, retryable } = await failureTo(
          json(400, error("illegal_argument_exception")),
          write,
        );
        should(retryable).be.false();
        should(failure).containEql({
          status: 400,
          code: "invalid",
          retryable: false,
        });
      });

      for (const isRaw of [false, true]) {
        it(`[R2] 404: a collection that is gone is an error, not a missing document${asRead(isRaw)}`, async () => {
          const { failure } = await failureTo(
            json(404, error("index_not_found_exception")),
            () => read(isRaw),
          );
          should(failure).containEql({ status: 404, code: "unavailable" });
        });
      }

      it("[R10] nobody at the other end: unavailable to a read", async () => {
        const nobody: Client = Elasticsearch.buildClient(
          { node: "http://127.0.0.1:1" },
          version,
        );
        const away = storeOver(nobody.transport);
        for (const isRaw of [false, true]) {
          const { failure } = await failureTo(json(200, {}), () =>
            away.getMany(
              [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
              ALL,
              isRaw,
            ),
          );
          should(failure).containEql({ code: "unavailable", retryable: true });
        }
        await nobody.close();
      });

      it("passes on a fault that is not the engine's", async () => {
        const broken = storeOver({
          request: () => {
            throw new TypeError("a mistake of ours");
          },
        });
        await broken
          .getMany(
            [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
            ALL,
          )
          .should.be.rejectedWith(TypeError);
      });
    });

    describe("describe", () => {
      const described = (mapping: object, index: object = {}) =>
        json(200, {
          "&nyc.yellow": {
            aliases: {},
            mappings: mapping,
            settings: { index: { uuid: "abc", ...index } },
          },
        });

      it("[W2] reads the mapping through the alias, whatever the index is called", async () => {
        const mapping = { dynamic: "strict", properties: {} };
        engine.answers(described(mapping));

        should(await store.describe("nyc", "yellow")).eql({
          uuid: "abc",
          mappings: mapping,
          hasPipeline: false,
          ignoreMalformed: false,
        });
        should(engine.seen[0]).containEql({
          method: "GET",
          path: "/%40%26nyc.yellow",
        });
      });

      it("[W2] sees pipelines and ignore_malformed in the settings", async () => {
        const rows: Array<[object, boolean, boolean]> = [
          [{ default_pipeline: "p" }, true, false],
          [{ final_pipeline: "p" }, true, false],
          [
            { default_pipeline: "_none", final_pipeline: "_none" },
            false,
            false,
          ],
          [{ mapping: { ignore_malformed: "true" } }, false, true],
          [{ mapping: { ignore_malformed: "false" } }, false, false],
        ];
        for (const [settings, hasPipeline, ignoreMalformed] of rows) {
          engine.answers(described({}, settings));
          should(await store.describe("nyc", "yellow")).eql({
            uuid: "abc",
            mappings: {},
            hasPipeline,
            ignoreMalformed,
          });
        }
      });

      /** Of a collection that is created anew once its alias was set, or is not. */
      function pinning(isPinned: boolean, later = "abc"): string[] {
        const asked: string[] = [];
        engine.answers((response) => {
          const { method, path } = engine.seen.at(-1)!;
          asked.push(`${method} ${path}`);
          const uuid = asked.length > 2 ? later : "abc";
          const aliases = isPinned ? { "kuzzle-batch-abc": {} } : {};
          json(200, {
            "&nyc.yellow.7": { aliases, settings: { index: { uuid } } },
          })(response);
        });
        return asked;
      }

      it("[W6] pins a collection by an alias of its own, once", async () => {
        const asked = pinning(false);
        should(await store.pin("nyc", "yellow")).containEql({ uuid: "abc" });
        should(asked).eql([
          "GET /%40%26nyc.yellow",
          "PUT /%26nyc.yellow.7/_alias/kuzzle-batch-abc",
          "GET /kuzzle-batch-abc",
        ]);
        should(pinning(true)).eql([]);
        const again = pinning(true);
        await store.pin("nyc", "yellow");
        should(again).eql(["GET /%40%26nyc.yellow"]);
      });

      it("[W6] does not take one that was created anew meanwhile", async () => {
        pinning(false, "of a later one");
        await should(store.pin("nyc", "yellow")).be.rejectedWith(EngineError);
      });

      it("[W6] asks for documents of a pinned collection by that alias alone", async () => {
        const pinned = store.pinnedTo(new Map([["yellow", "abc"]]));
        engine.answers(json(200, { docs: [{ _id: "a", found: false }] }));
        await pinned.getRaw([
          { index: "nyc", addresses: [{ collection: "yellow", _id: "a" }] },
        ]);
        should(engine.seen[0]?.path).equal("/kuzzle-batch-abc/_mget");
        engine.answers(json(200, { took: 1, items: [] }));
        await pinned.bulk(
          [{ index: "nyc", collection: "yellow", items: [] }],
          "false",
        );
        should(engine.seen[0]).containEql({
          path: "/kuzzle-batch-abc/_bulk",
          query: { refresh: "false", require_alias: "true" },
        });
      });

      it("has an EngineError where the engine does not tell", async () => {
        const { failure } = await failureTo(json(503, {}), () =>
          store.describe("nyc", "yellow"),
        );
        should(failure).containEql({ code: "unavailable" });
      });
    });
  });
}
