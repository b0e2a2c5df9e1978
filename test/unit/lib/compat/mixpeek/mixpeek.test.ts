import type { KuzzleRequest } from "kuzzle";
import should from "should";

import { BlobUrls } from "../../../../../lib/compat/mixpeek/BlobUrls";
import { MIXPEEK_BATCH_GET, MIXPEEK_SOURCE } from "../../../../fixtures/seeds";
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
import { shapeProblems } from "../../../../support/shape";

const INFO = { createdAt: 1761904800000, updatedAt: 1761904801000 };

function storeWith(documents: Record<string, Record<string, unknown>>) {
  const store = new FakeStore();
  for (const [place, source] of Object.entries(documents)) {
    const [collection = "", _id = ""] = place.split("/");
    store.put(collection, _id, source);
  }
  return store;
}

const STORED = {
  "yellow/a": { ...MIXPEEK_SOURCE, title: "A", _kuzzle_info: INFO },
  "green/b": { title: "B" },
};

function requestOf(
  body: unknown,
  {
    headers = { "x-namespace": "nyc" },
    args = {},
    ...options
  }: Parameters<typeof kuzzleRequest>[1] & {
    headers?: Record<string, string>;
    args?: Record<string, unknown>;
  } = {},
): KuzzleRequest {
  const request = kuzzleRequest(
    { controller: "batch/documents", action: "batchGet", body, ...args },
    options,
  );
  request.input.headers = headers;
  return request;
}

function send(
  request: KuzzleRequest,
  {
    store = storeWith(STORED),
    kuzzle = kuzzleServices(),
    ...options
  }: {
    store?: FakeStore;
    kuzzle?: ReturnType<typeof kuzzleServices>;
    blobUrls?: BlobUrls;
    maxResponseBytes?: number;
  } = {},
): Promise<any> {
  return run(compatibilityWith(store, kuzzle, options).documents, request);
}

const ids = (...document_ids: unknown[]) => ({ document_ids });

function signing(): BlobUrls {
  return new BlobUrls(
    [
      {
        index: "nyc",
        collection: "yellow",
        bucket: "bkt-content",
        prefix: "segments/",
      },
    ],
    1_000,
    { sign: async ({ bucket, key }) => `https://${bucket}/${key}?signed` },
    () => undefined,
  );
}

describe("batch/documents:batchGet", () => {
  let leave: () => void;

  before(() => {
    leave = becomeKuzzle({});
  });

  after(() => leave());

  it("[D2] returns exactly the seed's keys and types", async () => {
    const { title, ...source } = STORED["yellow/a"];
    const answer = await send(
      requestOf({ ...ids("a", "x"), return_presigned_urls: true }),
      { store: storeWith({ "yellow/a": source }), blobUrls: signing() },
    );
    should(shapeProblems(answer, MIXPEEK_BATCH_GET)).eql([]);
    should(answer.not_found).eql(["x"]);
  });

  it("[D2] has the document's own fields at the top, its keys before them, and not Kuzzle's metadata", async () => {
    const { documents } = await send(requestOf(ids("a")));

    should(Object.keys(documents[0])).eql([
      "document_id",
      "collection_id",
      "document_blobs",
      "_internal",
      "_vectors",
      "title",
    ]);
    should(documents[0]).containEql({
      document_id: "a",
      collection_id: "yellow",
      title: "A",
      _vectors: ["text_embedding"],
    });
  });

  it("[D2] lets the reserved keys win over fields of the same names", async () => {
    const store = storeWith({
      "yellow/a": {
        document_id: "other",
        collection_id: "other",
        document_blobs: "none",
        _internal: "none",
        _vectors: { a: [1] },
        __proto__: { polluted: true },
      },
    });
    const { documents } = await send(requestOf(ids("a")), { store });

    should(documents[0]).containEql({
      document_id: "a",
      collection_id: "yellow",
      document_blobs: [],
      _vectors: [],
    });
    should(documents[0]._internal).be.an.Object();
  });

  it("[D2] completes _internal by the address and by what Kuzzle knows", async () => {
    const created = new Date(INFO.createdAt).toISOString();
    const { documents } = await send(requestOf(ids("a", "b")));

    should(documents[0]._internal).eql({
      ...MIXPEEK_SOURCE._internal,
      collection_id: "yellow",
      document_id: "a",
      namespace_id: "nyc",
      created_at: created,
      updated_at: new Date(INFO.updatedAt).toISOString(),
    });
    should(documents[1]._internal).eql({
      collection_id: "green",
      document_id: "b",
      internal_id: null,
      lineage: null,
      metadata: null,
      modality: null,
      namespace_id: "nyc",
      created_at: null,
      updated_at: null,
    });
  });

  it("[D2] keeps what is stored of _internal, with times in ISO 8601", async () => {
    const store = storeWith({
      "yellow/a": {
        _internal: {
          collection_id: "col_articles",
          created_at: "2025-10-31T10:00:00Z",
          updated_at: 1761904800000,
        },
        _kuzzle_info: { createdAt: 1 },
      },
      "yellow/b": { _kuzzle_info: { createdAt: 1e99, updatedAt: null } },
      "yellow/c": { _kuzzle_info: { createdAt: 0, updatedAt: null } },
    });
    const { documents } = await send(requestOf(ids("a", "b", "c")), { store });

    should(documents[0]._internal).containEql({
      collection_id: "col_articles",
      created_at: "2025-10-31T10:00:00Z",
      updated_at: "2025-10-31T10:00:00.000Z",
    });
    should(documents[1]._internal.created_at).be.null();
    should(documents[2]._internal).containEql({
      created_at: "1970-01-01T00:00:00.000Z",
      updated_at: "1970-01-01T00:00:00.000Z",
    });
  });

  it("[D2] has all eleven keys of a blob, null for unknown values", async () => {
    const store = storeWith({
      "yellow/a": {
        document_blobs: [
          { url: "s3://elsewhere/x", size_bytes: "big", extra: 1 },
          "no blob",
        ],
      },
    });
    const { documents } = await send(requestOf(ids("a")), { store });

    should(documents[0].document_blobs).eql([
      {
        field: null,
        url: "s3://elsewhere/x",
        role: null,
        type: null,
        filename: null,
        size_bytes: null,
        content_type: null,
        checksum: null,
        created_at: null,
        source_blob_id: null,
        presigned_url: null,
      },
    ]);
  });

  const SIGNED = "https://bkt-content/segments/segment_0.mp4?signed";
  const WISHES: Array<[unknown, BlobUrls | undefined, string | null]> = [
    [true, signing(), SIGNED],
    ["true", signing(), SIGNED],
    [false, signing(), null],
    [undefined, signing(), null],
    [true, undefined, null],
  ];
  for (const [wish, blobUrls, expected] of WISHES) {
    it(`[D2] return_presigned_urls ${JSON.stringify(wish)}, ${blobUrls ? "configured" : "not configured"}: ${expected}`, async () => {
      const { documents } = await send(
        requestOf({ ...ids("a"), return_presigned_urls: wish }),
        blobUrls ? { blobUrls } : {},
      );
      should(documents[0].document_blobs[0].presigned_url).equal(expected);
    });
  }

  it("[D2] signs for the collection that a document is in, not for the one that it names", async () => {
    const store = storeWith({
      "green/a": { ...MIXPEEK_SOURCE, collection_id: "yellow" },
    });
    const { documents } = await send(
      requestOf({ ...ids("a"), return_presigned_urls: true }),
      { store, blobUrls: signing() },
    );
    should(documents[0].document_blobs[0].presigned_url).be.null();
  });

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
