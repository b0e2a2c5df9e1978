import should from "should";

import { parseGet } from "../../../../../lib/api/request/parseBatchGet";
import { kuzzleRequest } from "../../../../support/request";

function parse(body: unknown, data: Record<string, unknown> = {}) {
  return parseGet(kuzzleRequest({ index: "nyc", body, ...data }));
}

describe("parseGet", () => {
  it("reads a list of ids", () => {
    should(parse({ ids: ["a", "b"] })).containEql({
      index: "nyc",
      requested: 2,
      asked: [
        { position: 0, _id: "a", byAddress: false },
        { position: 1, _id: "b", byAddress: false },
      ],
      validationErrors: [],
      strict: false,
      source: { kind: "all" },
    });
  });

  it("reads a list of documents, each in its own collection or in the route's", () => {
    const documents = [{ _id: "a", collection: "green" }, { _id: "b" }];

    should(parse({ documents }).asked).eql([
      { position: 0, _id: "a", byAddress: true, collection: "green" },
      { position: 1, _id: "b", byAddress: true },
    ]);
    should(parse({ documents }, { collection: "yellow" }).asked).eql([
      { position: 0, _id: "a", byAddress: true, collection: "green" },
      { position: 1, _id: "b", byAddress: true, collection: "yellow" },
    ]);
    should(parse({ ids: ["a"] }, { collection: "yellow" }).asked).eql([
      { position: 0, _id: "a", byAddress: false, collection: "yellow" },
    ]);
  });

  it("accepts an id of 512 bytes, and looks it up unchanged", () => {
    for (const _id of [
      "x".repeat(512),
      "é".repeat(256),
      "*",
      "a,b",
      "%",
      "🚕",
    ]) {
      should(parse({ ids: [_id] }).asked).containDeep([{ _id }]);
    }
  });

  describe("an id with a validation error", () => {
    const BAD_IDS: Array<[string, unknown]> = [
      ["a number", 7],
      ["null", null],
      ["an object", { _id: "a" }],
      ["a list", ["a"]],
      ["the empty string", ""],
      ["half of a surrogate pair", "a\ud800"],
      ["the two halves the wrong way round", "\ude95\ud83d"],
      ["513 bytes", "x".repeat(513)],
      ["513 bytes in 257 characters", `${"é".repeat(256)}x`],
    ];
    for (const [title, _id] of BAD_IDS) {
      it(`[R7] ${title}: an error of its own that names the place`, () => {
        const ids = parse({ ids: ["a", _id, "b"] });
        should(ids.asked.map(({ position }) => position)).eql([0, 2]);
        should(ids.requested).equal(3);
        should(ids.validationErrors).have.length(1);
        should(ids.validationErrors[0]).containDeep({
          position: 1,
          asked: _id,
          failure: { status: 400, code: "invalid", retryable: false },
        });
        should(ids.validationErrors[0]?.failure.reason).startWith(
          "ids[1] must be ",
        );

        const { validationErrors } = parse({ documents: [{ _id }] });
        should(validationErrors[0]).containDeep({ position: 0, asked: _id });
        should(validationErrors[0]?.failure.reason).startWith(
          "documents[0]._id must be ",
        );
      });
    }

    for (const entry of [null, "a", 1, ["a"]]) {
      it(`[R7] an entry that is ${JSON.stringify(entry)}: an error of its own`, () => {
        const { validationErrors } = parse({
          documents: [{ _id: "a" }, entry],
        });
        should(validationErrors).have.length(1);
        should(validationErrors[0]).containDeep({
          position: 1,
          asked: entry,
          failure: { reason: "documents[1] must be an object." },
        });
      });
    }

    for (const collection of [null, "", 1, ["yellow"]]) {
      it(`[R7] a collection that is ${JSON.stringify(collection)}: an error of its own`, () => {
        const { validationErrors } = parse({
          documents: [{ _id: "a", collection }],
        });
        should(validationErrors[0]).containDeep({
          position: 0,
          asked: "a",
          failure: {
            reason: "documents[0].collection must be a non-empty string.",
          },
        });
      });
    }
  });

  describe("a request with a validation error", () => {
    const BAD: Array<[string, unknown, string, string]> = [
      ["no body", undefined, "batch.request.missing", "ids is missing."],
      ["no list", {}, "batch.request.missing", "ids is missing."],
      ["null", { ids: null }, "batch.request.missing", "ids is missing."],
      [
        "documents that are null",
        { documents: null },
        "batch.request.missing",
        "documents is missing.",
      ],
      [
        "both lists",
        { ids: ["a"], documents: ["b"] },
        "batch.request.conflict",
        "ids and documents are mutually exclusive.",
      ],
      [
        "a text",
        { ids: "a" },
        "batch.request.invalid",
        "ids must be an array.",
      ],
      [
        "an empty list",
        { documents: [] },
        "batch.request.invalid",
        "documents must be a list of one or more.",
      ],
    ];
    for (const [title, body, id, message] of BAD) {
      it(`[R7] ${title}: a 400 for all of it`, () => {
        should(() => parse(body)).throw({ id, status: 400, message });
      });
    }

    it("[R7] no index: a 400", () => {
      should(() => parse({ ids: ["a"] }, { index: undefined })).throw({
        id: "batch.request.missing",
        message: "index is missing.",
      });
    });
  });

  it("[R14] reports an entry that is too deep as an error of its own, which can be serialized", () => {
    const deep = JSON.parse("[".repeat(20_000) + "]".repeat(20_000)) as unknown;
    const byId = parse({ ids: ["a", deep] });
    const byAddress = parse({
      documents: [{ _id: "a" }, { _id: "b", deep }, { _id: deep }, deep],
    });

    should(byId.asked).have.length(1);
    should(byAddress.asked).have.length(1);
    should(byAddress.validationErrors[0]).containEql({
      position: 1,
      asked: "b",
    });
    JSON.stringify([byId.validationErrors, byAddress.validationErrors]);
  });

  it("[R14] rejects a request with more than 1,000 validation errors, with their number [R7]", () => {
    const ids = new Array<unknown>(480_000).fill(1);
    should(() => parse({ ids })).throw({
      id: "batch.request.too_many_invalid",
      count: 480_000,
    });
  });

  it("uses the list that is not empty, because a form has both [R4]", () => {
    should(parse({ ids: ["a"], documents: [] }).asked).have.length(1);
    should(parse({ ids: [], documents: [{ _id: "a" }] }).asked).have.length(1);
  });

  describe("format", () => {
    const body = { ids: ["a"] };

    it("[G5] is json unless requested over HTTP", () => {
      should(parse(body).format).equal("json");
      should(parse(body, { format: "json" }).format).equal("json");
      should(parse(body, { format: "" }).format).equal("json");
      should(parse(body, { format: "ndjson" }).format).equal("ndjson");
    });

    for (const format of ["xml", true, null]) {
      it(`[R4] ${JSON.stringify(format)} is a 400`, () => {
        should(() => parse(body, { format })).throw({
          status: 400,
          message: "format must be json or ndjson.",
        });
      });
    }

    it("[G5] is no ndjson on other protocols, nor with strict", () => {
      for (const protocol of ["websocket", "mqtt", "funnel"]) {
        should(() =>
          parseGet(
            kuzzleRequest(
              { index: "nyc", body, format: "ndjson" },
              { protocol },
            ),
          ),
        ).throw({ status: 400, message: /^format must be json/ });
      }
      should(() => parse(body, { format: "ndjson", strict: true })).throw({
        id: "batch.request.conflict",
      });
    });
  });
});
