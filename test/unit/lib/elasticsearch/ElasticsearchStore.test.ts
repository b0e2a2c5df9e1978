import should from "should";

import type { StoredDocument } from "../../../../lib/core/documents";
import type { Outcome } from "../../../../lib/core/outcome";
import type { BulkItem } from "../../../../lib/core/ports/DocumentStore";
import { sourceOf } from "../../../../lib/core/RawSource";
import { json, text } from "../../../support/FakeEngine";
import { ALL, asRead, describeOnClients, ITEM } from "./support/storeOnClients";

const DONE = {
  _version: 3,
  _seq_no: 7,
  _primary_term: 1,
  _shards: { total: 2, successful: 1, failed: 0 },
  result: "updated",
  status: 200,
};

/** The parsed document. */
function parsed(outcome: Outcome<StoredDocument | null>): unknown {
  return outcome.ok && outcome.value !== null
    ? {
        ok: true,
        value: { ...outcome.value, _source: sourceOf(outcome.value) },
      }
    : outcome;
}

describeOnClients("ElasticsearchStore", (given) => {
  describe("getMany", () => {
    it("[G1] reads one collection with a realtime multi-get, with the alias encoded", async () => {
      given.engine.answers(json(200, { docs: [] }));
      await given.store.getMany(
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

      should(given.engine.seen).have.length(1);
      should(given.engine.seen[0]).containEql({
        method: "POST",
        path: "/%40%26nyc.yellow%2F%C3%A9/_mget",
        query: {},
      });
      should(JSON.parse(given.engine.seen[0]?.body ?? "")).eql({
        ids: ["a", "b/ü"],
      });
    });

    it("[W4] refreshes collections in one call", async () => {
      given.engine.answers(json(200, { _shards: { total: 2, successful: 2 } }));
      await given.store.refresh("nyc", ["yellow", "green"]);

      should(given.engine.seen[0]).containEql({
        method: "POST",
        path: "/%40%26nyc.yellow%2C%40%26nyc.green/_refresh",
      });
    });

    it("[G1] reads several collections with one multi-get", async () => {
      given.engine.answers(json(200, { docs: [] }));
      await given.store.getMany(
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

      should(given.engine.seen[0]).containEql({
        path: "/_mget",
        query: { _source: "false" },
      });
      should(JSON.parse(given.engine.seen[0]?.body ?? "")).eql({
        docs: [
          { _index: "@&nyc.yellow", _id: "a" },
          { _index: "@&nyc.green", _id: "a" },
        ],
      });
    });

    it("requests only the needed fields", async () => {
      given.engine.answers(json(200, { docs: [] }));
      const source = {
        kind: "fields",
        includes: ["a.*", "b c"],
        excludes: ["a.é"],
      } as const;
      await given.store.getMany(
        [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
        source,
      );
      await given.store.getMany(
        [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
        {
          ...source,
          includes: [],
        },
      );

      should(given.engine.seen.map(({ query }) => query)).eql([
        { _source_includes: "a.*,b c", _source_excludes: "a.é" },
        { _source_excludes: "a.é" },
      ]);
    });

    for (const isRaw of [false, true]) {
      it(`[R2] tells found, not found and failed apart, by position${asRead(isRaw)}`, async () => {
        given.engine.answers(
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
        const { outcomes } = await given.store.getMany(
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

    it("[G3] reports the size of the engine's response", async () => {
      const body = JSON.stringify({ docs: [] });
      given.engine.answers(text(200, body));

      should((await given.read()).bytes).equal(body.length);
    });
  });

  describe("bulk", () => {
    it("sends each item as two lines, to the collection's alias", async () => {
      given.engine.answers(json(200, { took: 5, errors: false, items: [] }));
      await given.store.bulk(
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

      should(given.engine.seen).have.length(1);
      should(given.engine.seen[0]).containEql({
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
      should(given.engine.seen[0]?.headers["content-type"]).match(/ndjson/);
    });

    it("sends a long body as it would a short one, in any script", async () => {
      const payload = JSON.stringify({
        text: "naïve 🙂 東京 \ud800".repeat(3_000),
      });
      const items = ["é", "b", "c"].map((_id) => ({ ...ITEM, _id, payload }));
      given.engine.answers(json(200, { took: 5, errors: false, items: [] }));
      await given.store.bulk(
        [{ index: "nyc", collection: "yellow", items }],
        "false",
      );
      const [sent] = given.engine.seen;
      should(sent?.body).equal(
        items
          .map(({ _id }) => `{"index":{"_id":"${_id}"}}\n${payload}\n`)
          .join(""),
      );
      should(sent?.headers["content-type"]).match(/ndjson/);
    });

    it("[R1, R9] answers each item by its position", async () => {
      const refusal = (status: number, type: string) => ({
        status,
        error: { type, reason: `because of ${type}` },
      });
      given.engine.answers(
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
      const { outcomes, tookMs } = await given.store.bulk(
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
            : [each.failure.code, each.failure.status, each.failure.retryable],
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
      given.engine.answers(
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
      const { outcomes } = await given.store.bulk(
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
});
