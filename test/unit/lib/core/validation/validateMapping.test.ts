import fc from "fast-check";
import should from "should";

import { validateMapping } from "../../../../../lib/core/validation/validateMapping";
import { validateWrite } from "../../../../../lib/core/validation/validateWrite";
import { writeBatch } from "../../../../../lib/core/write/writeBatch";
import type { CollectionDescription } from "../../../../../lib/core/ports/DocumentStore";
import type { Source } from "../../../../../lib/types";
import { documents, writeCommand } from "../../../../support/commands";
import { failureOf } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

function description(
  mappings: Source,
  extra: Partial<CollectionDescription> = {},
): CollectionDescription {
  return {
    uuid: "uuid",
    mappings,
    hasPipeline: false,
    ignoreMalformed: false,
    ...extra,
  };
}

function defectsOf(body: Source, described: CollectionDescription): string[] {
  return validateMapping(documents(["a"], { body }), described).map(
    ({ failure }) => failure.reason,
  );
}

interface Row {
  readonly title: string;
  readonly mappings: Source;
  readonly body: Source;
  readonly extra?: Partial<CollectionDescription>;
}

const SCALARS = {
  long: { type: "long" },
  double: { type: "double" },
  word: { type: "keyword" },
  text: { type: "text" },
  flag: { type: "boolean" },
  date: { type: "date" },
  object: { properties: { n: { type: "integer" } } },
  nested: { type: "nested", properties: { n: { type: "integer" } } },
  geo: { type: "geo_point" },
  flat: { type: "flattened" },
  range: { type: "integer_range" },
};
const loose = { properties: SCALARS };
const strict = { dynamic: "strict", properties: SCALARS };

/** Each with the path that the reason must name. */
const REFUSED: Array<Row & { readonly path: string }> = [
  {
    title: "an unknown field under dynamic: strict",
    mappings: strict,
    body: { unknown: 1 },
    path: "unknown",
  },
  {
    title: "an unknown object under dynamic: strict",
    mappings: strict,
    body: { unknown: {} },
    path: "unknown",
  },
  {
    title: "an unknown field in an object that inherits strict",
    mappings: strict,
    body: { object: { m: 1 } },
    path: "object.m",
  },
  {
    title: "an unknown field in a list of nested objects",
    mappings: strict,
    body: { nested: [{ n: 1 }, { m: 1 }] },
    path: "nested.m",
  },
  {
    title: "an unknown field in an object that is strict by itself",
    mappings: {
      properties: { o: { dynamic: "strict", properties: {} } },
    },
    body: { free: 1, o: { m: 1 } },
    path: "o.m",
  },
  {
    title: "a list with something in it, unknown under strict",
    mappings: strict,
    body: { unknown: [null, [false]] },
    path: "unknown",
  },
  {
    title: "a field that is only a name of JavaScript's own",
    mappings: strict,
    body: { toString: 1 },
    path: "toString",
  },
  {
    title: "a number for an object",
    mappings: loose,
    body: { object: 1 },
    path: "object",
  },
  {
    title: "a text for a nested object, in a list",
    mappings: loose,
    body: { nested: [{ n: 1 }, "text"] },
    path: "nested",
  },
  {
    title: "false for an object",
    mappings: loose,
    body: { object: false },
    path: "object",
  },
  ...["long", "double", "word", "text", "flag"].map((path) => ({
    title: `an object for a scalar (${path})`,
    mappings: loose,
    body: { [path]: { a: 1 } },
    path,
  })),
  {
    title: "an object in a list, for a scalar",
    mappings: loose,
    body: { word: ["fine", {}] },
    path: "word",
  },
  ...["long", "integer", "short", "byte", "double", "float", "half_float"].map(
    (type) => ({
      title: `a word for a number (${type})`,
      mappings: { properties: { n: { type } } },
      body: { n: "many" },
      path: "n",
    }),
  ),
  {
    title: "a word for a number in a list, deep down",
    mappings: loose,
    body: { object: { n: [1, ["two"]] } },
    path: "object.n",
  },
  {
    title: "a word where the field takes back the index's ignore_malformed",
    mappings: { properties: { n: { type: "long", ignore_malformed: false } } },
    body: { n: "many" },
    path: "n",
    extra: { ignoreMalformed: true },
  },
];

const ACCEPTED: Row[] = [
  {
    title: "what fits the mapping",
    mappings: strict,
    body: {
      long: 1,
      double: 1.5,
      word: "w",
      text: "t",
      flag: true,
      object: { n: 1 },
      nested: [{ n: 1 }, { n: 2 }],
    },
  },
  {
    title: "numbers and booleans as text, text as numbers",
    mappings: strict,
    body: { long: "12", double: "1e3", word: 7, text: true, flag: "false" },
  },
  {
    title:
      "texts that Java takes for numbers, or that are none of ours to tell",
    mappings: strict,
    body: { double: ["NaN", "Infinity", "-Infinity", "0x1p3", "1d", ""] },
  },
  {
    title: "null for anything, unknown fields under strict included",
    mappings: strict,
    body: { long: null, object: null, unknown: null, list: [null, [null], []] },
  },
  {
    title: "dates, whatever they look like",
    mappings: strict,
    body: { date: "yesterday" },
  },
  {
    title: "anything for a date, even an object",
    mappings: strict,
    body: { date: { not: "a date" } },
  },
  {
    title: "types that are not known to be scalars or objects",
    mappings: strict,
    body: { geo: "nowhere", flat: { any: { thing: 1 } }, range: 5 },
  },
  { title: "unknown fields without strict", mappings: loose, body: { x: {} } },
  ...["true", "false", "runtime", true, false].map((dynamic) => ({
    title: `unknown fields under dynamic: ${String(dynamic)} (${typeof dynamic})`,
    mappings: { ...loose, dynamic },
    body: { x: 1 },
  })),
  {
    title: "unknown fields in an object that is free again under strict",
    mappings: {
      dynamic: "strict",
      properties: { o: { dynamic: "true", properties: {} } },
    },
    body: { o: { x: { y: 1 } } },
  },
  {
    title: "unknown fields that a template may allow",
    mappings: { ...loose, dynamic: "strict_allow_templates" },
    body: { x: 1 },
  },
  {
    title: "runtime fields under strict, deep ones included",
    mappings: { ...strict, runtime: { day: {}, "deep.one": {} } },
    body: { day: 1, deep: { one: 1 } },
  },
  {
    title: "names with dots, which the engine takes apart",
    mappings: strict,
    body: { "object.n": 1, "a.b": 1 },
  },
  {
    title: "anything in an object that is not parsed",
    mappings: {
      dynamic: "strict",
      properties: { o: { type: "object", enabled: false } },
    },
    body: { o: "text" },
  },
  {
    title: "anything where the whole mapping is not parsed",
    mappings: { ...strict, enabled: false },
    body: { unknown: 1, long: {} },
  },
  {
    title: "anything where names are not taken for objects",
    mappings: { ...strict, subobjects: false },
    body: { unknown: 1 },
  },
  {
    title: "anything in an object without subobjects",
    mappings: {
      properties: { o: { type: "object", subobjects: false, properties: {} } },
    },
    body: { o: 1 },
  },
  {
    title: "a word for a number with ignore_malformed of the field",
    mappings: { properties: { n: { type: "long", ignore_malformed: true } } },
    body: { n: "many" },
  },
  {
    title: "a word for a number with ignore_malformed as text",
    mappings: { properties: { n: { type: "long", ignore_malformed: "true" } } },
    body: { n: "many" },
  },
  {
    title: "a word for a number with ignore_malformed of the index",
    mappings: loose,
    body: { long: "many" },
    extra: { ignoreMalformed: true },
  },
  {
    title: "a word for a number that a script computes",
    mappings: { properties: { n: { type: "long", script: {} } } },
    body: { n: "many" },
  },
  {
    title: "an object for a field that is neither indexed nor stored",
    mappings: {
      properties: { k: { type: "keyword", index: false, doc_values: false } },
    },
    body: { k: {} },
  },
  {
    title: "anything where a pipeline may change the document",
    mappings: strict,
    body: { unknown: 1, long: "many" },
    extra: { hasPipeline: true },
  },
  { title: "anything without a mapping", mappings: {}, body: { a: { b: 1 } } },
  { title: "an empty document", mappings: strict, body: {} },
];

describe("validateMapping", () => {
  for (const { title, mappings, body, extra, path } of REFUSED) {
    it(`[W2] rejects ${title}`, () => {
      const validationErrors = defectsOf(body, description(mappings, extra));
      should(validationErrors).have.length(1);
      should(validationErrors[0]).startWith(`documents[0].body.${path}: `);
    });
  }

  for (const { title, mappings, body, extra } of ACCEPTED) {
    it(`[W2] lets pass ${title}`, () => {
      should(defectsOf(body, description(mappings, extra))).eql([]);
    });
  }

  it("[W2, R9] names each invalid document by its own position, once", () => {
    const described = description(strict);
    const asked = { op: "write", collection: "yellow" };
    const [a, b, c] = documents(["a", "b", "c"]);
    const validationErrors = validateMapping(
      [
        { ...a!, position: 3, body: { x: 1, y: 1 } },
        { ...b!, position: 5 },
        { ...c!, position: 8, body: { long: "many" } },
      ].map((each) => ({ ...each, body: each._id === "b" ? {} : each.body })),
      described,
    );

    should(validationErrors).eql([
      {
        position: 3,
        asked: { ...asked, document: { _id: "a", body: { x: 1, y: 1 } } },
        failure: {
          status: 400,
          code: "mapping",
          reason:
            "documents[3].body.x: the mapping is strict and has no such field",
          retryable: false,
        },
      },
      {
        position: 8,
        asked: { ...asked, document: { _id: "c", body: { long: "many" } } },
        failure: {
          status: 400,
          code: "mapping",
          reason: "documents[8].body.long: the mapping requires a number",
          retryable: false,
        },
      },
    ]);
  });

  it("[W2] rejects nothing of any document where the mapping is unknown, or a pipeline is set", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        should(defectsOf(body, description({}))).eql([]);
        should(defectsOf(body, description(strict, { hasPipeline: true }))).eql(
          [],
        );
      }),
    );
  });

  it("takes any document against a strict mapping without breaking", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.keys(SCALARS), "x", "__proto__", "a.b", ""),
          fc.jsonValue(),
        ),
        (body) => {
          should(defectsOf(body, description(strict)).length).be.within(0, 1);
        },
      ),
    );
  });
});

describe("a strict batch", () => {
  const command = writeCommand({
    strict: true,
    documents: documents(["a"], { body: { fresh: 1 } }),
  });
  const withField = description({
    dynamic: "strict",
    properties: { fresh: { type: "long" } },
  });

  it("[W2] is validated against the current mapping, so that changes take effect at once", async () => {
    const mappings = [withField, description(strict), withField];
    const store = new FakeStore({
      describe: () => mappings.shift() as CollectionDescription,
    });

    for (const refused of [0, 1, 0]) {
      const { errors } = await writeBatch(command, testEngine(store));
      should(errors).have.length(refused);
    }
    should(mappings).eql([]);
  });

  it("[W2] is validated for its shape as well", async () => {
    const malformed = {
      position: 1,
      asked: { document: { _id: "", body: {} } },
      failure: failureOf("invalid"),
    };
    const { validationErrors } = await validateWrite(
      { ...command, validationErrors: [malformed] },
      async () => description(strict),
    );
    should(validationErrors.map(({ position }) => position)).eql([1, 0]);
  });
});
