import type { KuzzleRequest } from "kuzzle";
import { omit } from "lodash";
import should from "should";

import { Arguments } from "../../../../../lib/api/request/Arguments";
import { parseDocuments } from "../../../../../lib/api/request/parseWrite";
import type { OperationName } from "../../../../../lib/types";
import { kuzzleRequest } from "../../../../support/request";

const PLACE = { collection: "yellow" };
const WRITE = { op: "write", allowsRepeats: true } as const;
const UPDATE = { op: "update", allowsRepeats: true } as const;
const ATOMIC = { op: "write", allowsRepeats: false } as const;

function read(
  request: KuzzleRequest,
  { op, ...options }: { op: OperationName; allowsRepeats: boolean } = WRITE,
) {
  const parsed = parseDocuments(
    new Arguments(request),
    { op, ...PLACE },
    options,
  );
  for (const each of [
    ...parsed.documents,
    ...parsed.validationErrors.map(({ asked }) => asked),
  ]) {
    should(each).containEql({ op, ...PLACE });
  }
  return {
    ...parsed,
    documents: parsed.documents.map((each) => omit(each, "op", "collection")),
    validationErrors: parsed.validationErrors.map(({ asked, ...rest }) => ({
      ...rest,
      asked: asked.document,
    })),
  };
}

function parse(documents: unknown, rules?: Parameters<typeof read>[1]) {
  return read(kuzzleRequest({ body: { documents } }), rules);
}

const body = { a: 1 };

describe("parseDocuments", () => {
  it("reads documents with their conditions", () => {
    const parsed = parse([
      { _id: "a", body },
      { _id: "b", body, ifAbsent: true },
      { _id: "c", body, ifAbsent: false },
      { _id: "d", body, ifSeqNo: 0, ifPrimaryTerm: 1 },
      { _id: "e", body, ifAbsent: false, ifSeqNo: 5, ifPrimaryTerm: 2 },
      { _id: "f", body: {}, more: "is left alone" },
    ]);

    should(parsed).eql({
      requested: 6,
      documents: [
        { position: 0, _id: "a", body },
        { position: 1, _id: "b", body, ifAbsent: true },
        { position: 2, _id: "c", body },
        {
          position: 3,
          _id: "d",
          body,
          precondition: { ifSeqNo: 0, ifPrimaryTerm: 1 },
        },
        {
          position: 4,
          _id: "e",
          body,
          precondition: { ifSeqNo: 5, ifPrimaryTerm: 2 },
        },
        { position: 5, _id: "f", body: {} },
      ],
      validationErrors: [],
    });
  });

  it("assigns ids that differ to documents without one, in a write", () => {
    const { documents, validationErrors } = parse([
      { body },
      { _id: null, body },
      { _id: undefined, body },
    ]);
    const ids = documents.map(({ _id }) => _id);

    should(validationErrors).eql([]);
    should(new Set(ids).size).equal(3);
    ids.forEach((id) => should(id).match(/^[0-9a-f-]{36}$/));
  });

  const BAD: Array<[title: string, entry: unknown, place: string]> = [
    ["null", null, ""],
    ["a text", "a", ""],
    ["a list", [], ""],
    ["a number for an id", { _id: 1, body }, "._id"],
    ["an empty id", { _id: "", body }, "._id"],
    ["an id of 513 bytes", { _id: "x".repeat(513), body }, "._id"],
    ["half of a surrogate pair", { _id: "\ud800", body }, "._id"],
    ["no body", { _id: "a" }, ".body"],
    ["a body that is null", { _id: "a", body: null }, ".body"],
    ["a body that is a list", { _id: "a", body: [] }, ".body"],
    ["a body that is a text", { _id: "a", body: "{}" }, ".body"],
    ["_source instead of body", { _id: "a", _source: {} }, "._source"],
    ["_source besides body", { _id: "a", body, _source: {} }, "._source"],
    ["ifSeqNo alone", { _id: "a", body, ifSeqNo: 1 }, ": ifSeqNo"],
    ["ifPrimaryTerm alone", { _id: "a", body, ifPrimaryTerm: 1 }, ": ifSeqNo"],
    [
      "ifSeqNo below 0",
      { _id: "a", body, ifSeqNo: -1, ifPrimaryTerm: 1 },
      ".ifSeqNo",
    ],
    [
      "ifSeqNo as a text",
      { _id: "a", body, ifSeqNo: "1", ifPrimaryTerm: 1 },
      ".ifSeqNo",
    ],
    [
      "ifSeqNo that is null",
      { _id: "a", body, ifSeqNo: null, ifPrimaryTerm: 1 },
      ".ifSeqNo",
    ],
    [
      "ifPrimaryTerm 0",
      { _id: "a", body, ifSeqNo: 1, ifPrimaryTerm: 0 },
      ".ifPrimaryTerm",
    ],
    [
      "ifPrimaryTerm with a fraction",
      { _id: "a", body, ifSeqNo: 1, ifPrimaryTerm: 1.5 },
      ".ifPrimaryTerm",
    ],
  ];
  const BAD_WRITES: typeof BAD = [
    ["ifAbsent as a text", { _id: "a", body, ifAbsent: "true" }, ".ifAbsent"],
    [
      "ifAbsent with ifSeqNo",
      { _id: "a", body, ifAbsent: true, ifSeqNo: 1, ifPrimaryTerm: 1 },
      ": ifAbsent",
    ],
  ];
  const BAD_UPDATES: typeof BAD = [
    ["no id", { body }, "._id"],
    ["an id that is null", { _id: null, body }, "._id"],
    ["ifAbsent", { _id: "a", body, ifAbsent: true }, ".ifAbsent"],
    ["ifAbsent false", { _id: "a", body, ifAbsent: false }, ".ifAbsent"],
    [
      "a name of 50,001 characters",
      { _id: "a", body: { list: [{ ["n".repeat(50_001)]: 1 }] } },
      ".body: a name is longer than",
    ],
  ];
  const TABLES = [
    ["a write", WRITE, [...BAD, ...BAD_WRITES]],
    ["an update", UPDATE, [...BAD, ...BAD_UPDATES]],
  ] as const;

  for (const [kind, rules, rows] of TABLES) {
    for (const [title, entry, place] of rows) {
      it(`[R7] ${title} in ${kind}: an error of its own that names the place`, () => {
        const parsed = parse(
          [{ _id: "x", body }, entry, { _id: "y", body }],
          rules,
        );

        should(parsed.documents.map(({ _id }) => _id)).eql(["x", "y"]);
        should(parsed.requested).equal(3);
        should(parsed.validationErrors).have.length(1);
        should(parsed.validationErrors[0]).containDeep({
          position: 1,
          failure: { status: 400, code: "invalid", retryable: false },
        });
        should(parsed.validationErrors[0]?.failure.reason).startWith(
          `documents[1]${place}`,
        );
      });
    }
  }

  it("[R7] shows an invalid document as it was sent", () => {
    const { validationErrors } = parse([
      { _id: 7, body: "b", more: 1 },
      "text",
    ]);
    should(validationErrors.map(({ asked }) => asked)).eql([
      { _id: 7, body: "b" },
      { _id: undefined, body: "text" },
    ]);
  });

  it("[W3] rejects repeated ids if repeats are not allowed", () => {
    const again = { _id: "a", body, ifAbsent: true };
    const { documents, validationErrors } = parse(
      [{ _id: "a", body }, { body }, { body }, { _id: "b" }, again, again],
      ATOMIC,
    );

    should(documents.map(({ position }) => position)).eql([0, 1, 2]);
    should(validationErrors.map(({ position }) => position)).eql([3, 4, 5]);
    should(validationErrors[2]).eql({
      position: 5,
      asked: { _id: "a", body },
      failure: {
        status: 400,
        code: "invalid",
        reason:
          "documents[5]._id: an atomic batch may have each id only once, and documents[0] has this one.",
        retryable: false,
      },
    });
  });

  const BAD_LISTS: Array<[unknown, string, string]> = [
    [undefined, "batch.request.missing", "documents is missing."],
    [null, "batch.request.missing", "documents is missing."],
    [{ 0: {} }, "batch.request.invalid", "documents must be an array."],
    ["[]", "batch.request.invalid", "documents must be an array."],
  ];
  for (const [list, id, message] of BAD_LISTS) {
    it(`[R7] documents that are ${JSON.stringify(list)}: a 400 for all of it`, () => {
      should(() => parse(list)).throw({ id, status: 400, message });
    });
  }

  it("[R7] no body at all: a 400", () => {
    should(() => read(kuzzleRequest({}))).throw({
      id: "batch.request.missing",
      status: 400,
    });
  });

  describe("[R14] what one request may ask for", () => {
    const nested = (levels: number): object =>
      levels === 1 ? {} : { a: nested(levels - 1) };
    const deep = JSON.parse(
      `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
    ) as object;

    it("[R14] reports a body that is too deep as an error of its own, which can be serialized", () => {
      const { documents, validationErrors } = parse([
        { _id: "a", body: nested(500) },
        { _id: "b", body: nested(501) },
        { _id: "c", body: deep },
        { _id: deep, body },
        deep,
        { _id: "d", body },
      ]);

      should(documents.map(({ _id }) => _id)).eql(["a", "d"]);
      should(validationErrors.map(({ position }) => position)).eql([
        1, 2, 3, 4,
      ]);
      should(validationErrors[1]).eql({
        position: 2,
        asked: { _id: "c", body: undefined },
        failure: {
          status: 400,
          code: "invalid",
          reason: "documents[2].body must be nested at most 500 levels deep.",
          retryable: false,
        },
      });
      JSON.stringify(validationErrors);
    });

    it("rejects a request that is too deep elsewhere [R7]", () => {
      const request = kuzzleRequest({ body: { documents: [], other: deep } });
      should(() => read(request)).throw({
        id: "batch.request.invalid",
        message: "other must be nested at most 500 levels deep.",
      });
    });

    it("reports 1,000 validation errors, and of more the first 1,000 and how many", () => {
      const many = new Array<unknown>(1_000).fill({ body });
      should(parse(many, UPDATE).validationErrors).have.length(1_000);
      should(() => parse([...many, 1, { _id: "a", body }], UPDATE)).throw({
        id: "batch.request.too_many_invalid",
        status: 400,
        count: 1_001,
        message:
          "Nothing was done: 1001 of the 1002 items are invalid. `errors` has the first 1000.",
      });
      try {
        parse([...many, 1], UPDATE);
      } catch (error) {
        const { errors } = error as { errors: object[] };
        should(errors).have.length(1_000);
        should(errors[999]).containEql({
          document: { _id: undefined, body },
          position: 999,
          code: "invalid",
        });
      }
    });

    it("accepts an id 1,000 times, and no more [R7, R14]", () => {
      const repeats = new Array<unknown>(1_000).fill({ _id: "a", body });
      should(parse(repeats).documents).have.length(1_000);
      should(() => parse([...repeats, { _id: "a", body }])).throw({
        id: "batch.request.invalid",
        message:
          "documents[1000]._id must be an id that occurs at most 1000 times in a request.",
      });
    });
  });
});
