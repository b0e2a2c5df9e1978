import type { KuzzleRequest } from "kuzzle";
import should from "should";

import { restoreEnvelope } from "../../../../../lib/api/response/rawResponse";
import { RawSource, sourceOf } from "../../../../../lib/core/RawSource";
import {
  noteArrival,
  noteHandler,
} from "../../../../../lib/kuzzle/requestState";
import {
  V1_MGET,
  V1_MUPDATE,
  V1_PARTIAL_ERROR,
} from "../../../../fixtures/seeds";
import { run } from "../../../../support/controller";
import { compatibilityWith } from "../../../../support/compatibility";
import { failureOf } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { becomeKuzzle } from "../../../../support/kuzzle";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
} from "../../../../support/request";
import { shapeProblems, type Shape } from "../../../../support/shape";

const INFO = {
  author: "alyx",
  createdAt: 1484226562795,
  updatedAt: null,
  updater: null,
};

function storeWith(documents: Record<string, Record<string, unknown>>) {
  const store = new FakeStore();
  for (const [_id, source] of Object.entries(documents)) {
    store.put("yellow", _id, source);
  }
  return store;
}

function requestOf(
  action: string,
  body: unknown,
  args: Record<string, unknown> = {},
  options: Parameters<typeof kuzzleRequest>[1] = {},
): KuzzleRequest {
  const place = { index: "nyc", collection: "yellow" };
  return kuzzleRequest(
    { controller: "batch/v1", action, ...place, body, ...args },
    options,
  );
}

function send(
  request: KuzzleRequest,
  store = storeWith({ a: { n: 1, _kuzzle_info: INFO } }),
  { kuzzle = kuzzleServices(), maxResponseBytes = 1024 * 1024 } = {},
): Promise<any> {
  return run(
    compatibilityWith(store, kuzzle, { maxResponseBytes }).v1,
    request,
  );
}

function assertShape(value: unknown, shape: Shape): void {
  should(shapeProblems(value, shape)).eql([]);
}

describe("batch/v1", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({});
  });

  after(() => leave());

  describe("mGet", () => {
    for (const event of ["none", "request:onSuccess", "batch/v1:afterMGet"]) {
      it(`[R13, D1] answers each source as its text, whoever looks into it: ${event}`, async () => {
        const kuzzle = kuzzleServices();
        kuzzle.hasListeners.callsFake((each) => each === event);
        const request = requestOf("mGet", { ids: ["a"] });
        noteArrival(request);
        noteHandler(request);
        const answer = await send(request, undefined, { kuzzle });
        const [hit] = answer.result.hits;

        should(sourceOf(hit)).eql({ n: 1 });
        should(RawSource.stringify(hit)).containEql('"_source":{"n":1},');
        should(kuzzle.answerRaw.callCount).equal(1);
        should(hit._source instanceof RawSource).equal(event === "none");
      });
    }

    it("[D1] returns exactly the seed's keys and types", async () => {
      const request = requestOf("mGet", { ids: ["a"] });
      const answer = await send(request);

      assertShape(answer, V1_MGET);
      should(answer).containEql({
        status: 200,
        index: "nyc",
        collection: "yellow",
        action: "mGet",
        controller: "document",
        requestId: request.id,
      });
    });

    it("[D1] has Kuzzle's metadata in _meta, and not in the source", async () => {
      const { result } = await send(requestOf("mGet", { ids: ["a"] }));

      should(result.hits).eql([
        {
          _id: "a",
          _index: "nyc",
          _source: { n: 1 },
          _meta: { active: true, deletedAt: null, ...INFO },
          _type: "yellow",
          _version: 1,
          found: true,
        },
      ]);
    });

    it("[D1] has every key of _meta without metadata, and keeps what Kuzzle 1 left", async () => {
      const store = storeWith({
        bare: {},
        odd: { _kuzzle_info: "none" },
        old: { _kuzzle_info: { ...INFO, active: false, deletedAt: 7 } },
      });
      const { result } = await send(
        requestOf("mGet", { ids: ["bare", "odd", "old"] }),
        store,
      );
      const unknown = {
        active: true,
        author: null,
        createdAt: null,
        deletedAt: null,
        updatedAt: null,
        updater: null,
      };

      should(result.hits.map((each: any) => each._meta)).eql([
        unknown,
        unknown,
        { ...INFO, active: false, deletedAt: 7 },
      ]);
    });

    it("[D1] answers 206 with the error and the result when one could not be retrieved", async () => {
      const request = requestOf("mGet", { ids: ["x", "a", 7] });
      const answer = await send(request);

      assertShape(answer, {
        ...(V1_MGET as object),
        error: V1_PARTIAL_ERROR,
      });
      should(answer.status).equal(206);
      should([request.response.status, request.response.raw]).eql([206, true]);
      should(answer.result.total).equal(1);
      should(answer.error).containEql({ status: 206, count: 2 });
      should(answer.error.errors).containDeepOrdered([
        { _id: "x", position: 0, status: 404, code: "not_found" },
        { _id: 7, position: 2, status: 400, code: "invalid" },
      ]);
    });

    it("[D1] distinguishes missing and failed documents", async () => {
      const store = storeWith({ a: {} });
      store.script = {
        getItem: ({ _id }) =>
          _id === "broken" ? failureOf("unavailable", 400) : undefined,
      };
      const { error } = await send(
        requestOf("mGet", { ids: ["a", "broken", "x"] }),
        store,
      );
      should(error.errors.map((each: any) => each.code)).eql([
        "unavailable",
        "not_found",
      ]);
    });

    it("[R1] returns an id requested twice at both positions", async () => {
      const { error, result } = await send(
        requestOf("mGet", { ids: ["a", null, "x", "a", "x", null] }),
      );
      should(result.hits.map((each: any) => each._id)).eql(["a", "a"]);
      should(error.errors.map((each: any) => each.position)).eql([1, 2, 4, 5]);
      should(error.errors[3].reason).containEql("ids[5]");
    });

    it("[D1] names what did not fit into the answer", async () => {
      const store = storeWith({
        a: { text: "x".repeat(500) },
        b: { text: "x".repeat(500) },
      });
      const { error, result } = await send(
        requestOf("mGet", { ids: ["a", "b"] }),
        store,
        { maxResponseBytes: 1_024 },
      );
      should(result.total).equal(1);
      should(error.errors).containDeep([
        { _id: "b", position: 1, status: 413, code: "too_large" },
      ]);
    });

    it("[R4] wants ids, in a list of one or more", async () => {
      for (const body of [undefined, {}, { ids: "a" }, { ids: [] }]) {
        await should(send(requestOf("mGet", body))).be.rejectedWith({
          status: 400,
          message: /^ids /,
        });
      }
    });

    it("[R5] needs its own right and the native one, on the collection", async () => {
      for (const lacking of ["batch/v1:mGet", "document:mGet"]) {
        const user = userWith(({ right }) => right !== lacking);
        await should(
          send(requestOf("mGet", { ids: ["a"] }, {}, { user })),
        ).be.rejectedWith({ status: 403, message: new RegExp(lacking) });
      }
    });

    it("[D1] reaches an index that the other compatibility API's route stands in the way of", async () => {
      const kuzzle = kuzzleServices({ documents: ["yellow"] });
      const request = requestOf("mGet", { ids: ["a"] }, { index: undefined });
      request.context.connection.misc.path = "/v1/documents/yellow/_mGet";

      should(await send(request, undefined, { kuzzle })).containEql({
        index: "documents",
        status: 200,
      });
      const other = requestOf("mGet", { ids: ["a"] }, { index: undefined });
      await should(send(other, undefined, { kuzzle })).be.rejectedWith({
        message: "index is missing.",
      });
    });
  });

  describe("mUpdate", () => {
    const documents = [{ _id: "a", body: { n: 2 } }];

    it("[D1] returns exactly the seed's keys and types", async () => {
      const request = requestOf(
        "mUpdate",
        { documents },
        // as in the query of a URL
        { refresh: "wait_for", retryOnConflict: "3" },
      );
      const answer = await send(request);

      assertShape(answer, V1_MUPDATE);
      should(answer).containEql({
        status: 200,
        action: "mUpdate",
        refresh: "wait_for",
        retryOnConflict: 3,
        controller: "document",
      });
      should(answer.result.hits).containDeep([
        { _id: "a", _index: "nyc", _type: "yellow", _version: 2 },
      ]);
    });

    it("[D1] repeats the two arguments only if they were given", async () => {
      const { refresh, retryOnConflict, ...rest } = V1_MUPDATE as Record<
        string,
        Shape
      >;
      assertShape(await send(requestOf("mUpdate", { documents })), rest);
      should(
        await send(requestOf("mUpdate", { documents }, { retryOnConflict: 0 })),
      ).containEql({ retryOnConflict: 0 });
    });

    it("[D1] answers 206 with the error and the result when one could not be updated", async () => {
      const request = requestOf("mUpdate", {
        documents: [{ _id: "x", body: {} }, ...documents, { body: {} }],
      });
      const answer = await send(request);

      should(answer.status).equal(206);
      should([request.response.status, request.response.raw]).eql([206, true]);
      should(answer.result.hits.map((each: any) => each._id)).eql(["a"]);
      should(answer.result.total).equal(1);
      assertShape(answer.error, V1_PARTIAL_ERROR);
      should(answer.error.errors).containDeepOrdered([
        { position: 0, status: 404, code: "not_found" },
        { position: 2, status: 400, code: "invalid" },
      ]);
    });

    it("[R5] needs its own right and the native one, on the collection", async () => {
      for (const lacking of ["batch/v1:mUpdate", "document:mUpdate"]) {
        const user = userWith(({ right }) => right !== lacking);
        await should(
          send(requestOf("mUpdate", { documents }, {}, { user })),
        ).be.rejectedWith({ status: 403, message: new RegExp(lacking) });
      }
    });
  });

  describe("a bare answer", () => {
    it("[R11] is not used when the handler throws", async () => {
      const request = requestOf("mGet", { ids: [] });
      await should(send(request)).be.rejected();
      should(request.response.raw).be.false();
    });

    it("[R11] is reverted when something throws after the handler", async () => {
      const request = requestOf("mGet", { ids: ["a"] });
      await send(request);
      should(request.response.raw).be.true();

      restoreEnvelope({ request, success: true });
      should(request.response.raw).be.true();
      restoreEnvelope({ request, success: false });
      should(request.response.raw).be.false();
    });

    it("[R11] of others is left alone", async () => {
      const request = kuzzleRequest({ controller: "batches", action: "get" });
      request.response.configure({ format: "raw" });
      restoreEnvelope({ request, success: false });
      should(request.response.raw).be.true();
    });
  });
});
