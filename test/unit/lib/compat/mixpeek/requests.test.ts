import type { KuzzleRequest } from "kuzzle";
import should from "should";

import { failureOf } from "../../../../support/failures";
import { becomeKuzzle } from "../../../../support/kuzzle";
import { kuzzleServices, userWith } from "../../../../support/request";
import {
  ids,
  requestOf,
  send,
  STORED,
  storeWith,
} from "../../../../support/mixpeek";

describe("requests to batch/documents:batchGet", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({});
  });

  after(() => leave());

  it("[D2] accepts 1 to 1000 ids", async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => `id-${i}`);
    const kuzzle = kuzzleServices({ nyc: ["yellow"] });

    should(
      (await send(requestOf(ids(...many)), { kuzzle })).not_found,
    ).have.length(1_000);
    for (const body of [
      undefined,
      {},
      ids(),
      { document_ids: "a" },
      ids(...many, "one more"),
    ]) {
      await should(send(requestOf(body))).be.rejectedWith({
        status: 400,
        message: /^document_ids /,
      });
    }
  });

  for (const bad of [7, null, "", "x".repeat(513), { _id: "a" }]) {
    it(`[D2] rejects ${JSON.stringify(bad).slice(0, 20)} for an id, naming the place`, async () => {
      await should(send(requestOf(ids("a", bad)))).be.rejectedWith({
        id: "batch.request.invalid",
        message: /^document_ids\[1\] /,
      });
    });
  }

  it("[D2] rejects a wish for URLs that is neither true nor false", async () => {
    await should(
      send(requestOf({ ...ids("a"), return_presigned_urls: "maybe" })),
    ).be.rejectedWith({
      status: 400,
      message: /^return_presigned_urls must be/,
    });
  });

  it("[D2] prefers the namespace of the header to that of the query", async () => {
    const kuzzle = kuzzleServices({ nyc: ["yellow", "green"], paris: ["x"] });
    const found = await send(
      requestOf(ids("a"), { args: { namespace: "paris" } }),
      { kuzzle },
    );
    should(found.documents).have.length(1);
  });

  it("[D3] uses the namespace of the query, because a browser might not send the header", async () => {
    for (const headers of [{}, { "x-namespace": "" }]) {
      const { documents } = await send(
        requestOf(ids("a"), { headers, args: { namespace: "nyc" } }),
      );
      should(documents).have.length(1);
    }
    await should(send(requestOf(ids("a"), { headers: {} }))).be.rejectedWith({
      status: 400,
      message: /namespace/,
    });
  });

  it("[D2] is a 503 for the whole when the engine fails, and never a not_found", async () => {
    const store = storeWith(STORED);
    store.script = {
      getItem: ({ collection, _id }) =>
        collection === "green" && _id === "x"
          ? failureOf("unavailable", 400)
          : undefined,
    };
    const error: any = await send(requestOf(ids("a", "x", "y")), {
      store,
    }).catch((each: unknown) => each);

    should(error).containEql({
      id: "batch.documents.incomplete",
      status: 503,
      count: 1,
    });
    should(error.errors).containDeep([
      { _id: "x", collection: "green", position: 1, code: "unavailable" },
    ]);
  });

  it("[R6] is a 403 for the whole request when a pipe removes a document", async () => {
    const kuzzle = {
      ...kuzzleServices(),
      hasListeners: (event: string) => event === "generic:document:afterGet",
      pipe: async (event: string, payload: any, request?: KuzzleRequest) =>
        event === "generic:document:afterGet" &&
        request?.input.args.collection === "yellow" &&
        request.input.args.index === "nyc"
          ? []
          : payload,
    } as unknown as ReturnType<typeof kuzzleServices>;

    await should(send(requestOf(ids("a", "b")), { kuzzle })).be.rejectedWith({
      id: "batch.documents.forbidden",
      status: 403,
      count: 1,
    });
    should((await send(requestOf(ids("b")), { kuzzle })).documents).have.length(
      1,
    );
  });

  it("[R1] is a 413 for the whole when not all fits into the answer", async () => {
    const text = "x".repeat(800);
    const store = storeWith({ "yellow/a": { text }, "yellow/b": { text } });

    await should(
      send(requestOf(ids("a", "b")), { store, maxResponseBytes: 1_024 }),
    ).be.rejectedWith({
      id: "batch.response.too_large",
      status: 413,
      count: 1,
    });
  });

  it("[R5] searches only collections that the caller may read, though no index is in the request", async () => {
    const store = storeWith(STORED);
    const user = userWith(
      ({ index, collection }) => index === "nyc" && collection === "yellow",
    );
    const answer = await send(requestOf(ids("a", "b"), { user }), { store });

    should(answer.documents.map((each: any) => each.document_id)).eql(["a"]);
    should(answer.not_found).eql(["b"]);
    for (const lacking of ["batch/documents:batchGet", "document:mGet"]) {
      await should(
        send(
          requestOf(ids("a"), {
            user: userWith(({ right }) => right !== lacking),
          }),
        ),
      ).be.rejectedWith({ status: 403, message: new RegExp(lacking) });
    }
  });

  it("[R5] ignores the caller's own index argument", async () => {
    const kuzzle = kuzzleServices({ nyc: ["yellow"], secret: ["yellow"] });
    const user = userWith(({ index }) => index === "secret");

    await should(
      send(requestOf(ids("a"), { user, args: { index: "secret" } }), {
        kuzzle,
      }),
    ).be.rejectedWith({ status: 403 });
  });

  it("[D2] has the request's id over MQTT only", async () => {
    for (const protocol of ["http", "websocket", "mqtt"]) {
      const request = requestOf(ids("a"), {
        protocol,
        headers: {},
        args: { namespace: "nyc" },
      });
      const answer = await send(request);

      should(Object.keys(answer)).eql(
        protocol === "mqtt"
          ? ["documents", "not_found", "requestId"]
          : ["documents", "not_found"],
      );
      should([request.response.status, request.response.raw]).eql([200, true]);
    }
  });
});
