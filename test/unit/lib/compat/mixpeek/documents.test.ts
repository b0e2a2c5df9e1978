import should from "should";

import { BlobUrls } from "../../../../../lib/compat/mixpeek/BlobUrls";
import { MIXPEEK_BATCH_GET, MIXPEEK_SOURCE } from "../../../../fixtures/seeds";
import { becomeKuzzle } from "../../../../support/kuzzle";
import { shapeProblems } from "../../../../support/shape";
import {
  ids,
  INFO,
  requestOf,
  send,
  signing,
  STORED,
  storeWith,
} from "../../../../support/mixpeek";

describe("documents of batch/documents:batchGet", () => {
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
});
