import should from "should";

import { Arguments } from "../../../../../lib/api/request/Arguments";
import { kuzzleRequest } from "../../../../support/request";

function argumentsOf(data: Record<string, unknown>): Arguments {
  return new Arguments(kuzzleRequest(data));
}

/** Everything that Kuzzle's parser and JSON can turn an argument into, and more. */
const NO_FLAGS = [null, 0, 1, "1", "yes", "TRUE", "on", [], ["true"], {}];

describe("Arguments", () => {
  describe("flag", () => {
    const TRUE = [true, "true", ""];
    const FALSE = [false, "false"];

    for (const value of TRUE) {
      it(`[R4] ${JSON.stringify(value)} is true`, () => {
        should(argumentsOf({ strict: value }).flag("strict")).be.true();
        should(argumentsOf({ strict: value }).flag("strict", false)).be.true();
      });
    }
    for (const value of FALSE) {
      it(`[R4] ${JSON.stringify(value)} is false`, () => {
        should(argumentsOf({ strict: value }).flag("strict")).be.false();
        should(argumentsOf({ strict: value }).flag("strict", true)).be.false();
      });
    }
    for (const value of NO_FLAGS) {
      it(`[R4] ${JSON.stringify(value)} is a 400 that names the argument`, () => {
        should(() => argumentsOf({ strict: value }).flag("strict")).throw({
          id: "batch.request.invalid",
          status: 400,
          message: "strict must be true or false.",
        });
      });
    }

    it("is the action's default if it is missing", () => {
      should(argumentsOf({}).flag("source")).be.false();
      should(argumentsOf({}).flag("source", true)).be.true();
    });
  });

  describe("count", () => {
    const COUNTS: Array<[unknown, number]> = [
      [0, 0],
      [7, 7],
      ["0", 0],
      ["12", 12],
      ["", 3], // not set
    ];
    for (const [value, count] of COUNTS) {
      it(`[R4] ${JSON.stringify(value)} is ${count}`, () => {
        should(argumentsOf({ n: value }).count("n", 3)).equal(count);
      });
    }

    const NO_COUNTS = [-1, "-1", 1.5, "1.5", " 1", "1e3", "0x1", "many"]
      .concat("9".repeat(30))
      .map((value): unknown => value)
      .concat([null, true, [], [1], {}, Number.MAX_SAFE_INTEGER + 1, NaN]);
    for (const value of NO_COUNTS) {
      it(`[R4] ${JSON.stringify(value)} is a 400 that names the argument`, () => {
        should(() => argumentsOf({ n: value }).count("n", 3)).throw({
          id: "batch.request.invalid",
          status: 400,
          message: /^n must be a whole number/,
        });
      });
    }

    it("is the default if it is missing", () => {
      should(argumentsOf({}).count("n", 3)).equal(3);
    });
  });

  describe("refresh", () => {
    const ROWS: Array<[unknown, "false" | "wait_for"]> = [
      [undefined, "false"],
      [null, "false"],
      [false, "false"],
      ["false", "false"],
      ["wait_for", "wait_for"],
      [true, "wait_for"],
      ["true", "wait_for"],
      ["", "wait_for"],
    ];
    for (const [value, refresh] of ROWS) {
      it(`[R4] ${JSON.stringify(value)} is ${refresh}`, () => {
        should(argumentsOf({ refresh: value }).refresh()).equal(refresh);
      });
    }
    for (const value of ["now", 1, [], {}]) {
      it(`[R4] ${JSON.stringify(value)} is a 400`, () => {
        should(() => argumentsOf({ refresh: value }).refresh()).throw({
          status: 400,
          message: "refresh must be wait_for, true or false.",
        });
      });
    }
  });

  describe("source", () => {
    const fields = (includes: string[], excludes: string[] = []) => ({
      kind: "fields",
      includes,
      excludes,
    });
    const ROWS: Array<[object, object]> = [
      [{}, { kind: "all" }],
      [{ source: true }, { kind: "all" }],
      [{ source: "true" }, { kind: "all" }],
      [{ source: "" }, { kind: "all" }],
      [{ source: [], sourceExcludes: "" }, { kind: "all" }],
      [{ sourceExcludes: [] }, { kind: "all" }],
      [{ source: false }, { kind: "none" }],
      [{ source: "false" }, { kind: "none" }],
      [{ source: "false", sourceExcludes: "a" }, { kind: "none" }],
      [{ source: ["a", "b.*"] }, fields(["a", "b.*"])],
      [{ source: "a,b.*" }, fields(["a", "b.*"])],
      [{ source: '["a","b"]' }, fields(["a", "b"])],
      [{ sourceExcludes: ["x"] }, fields([], ["x"])],
      [{ source: "true", sourceExcludes: "x,y" }, fields([], ["x", "y"])],
      [{ source: "a", sourceExcludes: '["a.x"]' }, fields(["a"], ["a.x"])],
    ];
    for (const [given, selection] of ROWS) {
      it(`[R4] ${JSON.stringify(given)} asks for ${JSON.stringify(selection)}`, () => {
        should(argumentsOf({ ...given }).source()).eql(selection);
      });
    }

    const BAD: Array<[object, string]> = [
      [{ source: null }, "source"],
      [{ source: 1 }, "source"],
      [{ source: {} }, "source"],
      [{ source: ["a", 1] }, "source"],
      [{ source: ["a", ""] }, "source"],
      [{ source: ["a,b"] }, "source"],
      [{ source: "a,,b" }, "source"],
      [{ source: "[a" }, "source"],
      [{ source: "[]" }, "source"],
      [{ source: "\ud800" }, "source"],
      [{ sourceExcludes: ["a", "\udfff.b"] }, "sourceExcludes"],
      [{ sourceExcludes: true }, "sourceExcludes"],
      [{ source: false, sourceExcludes: 1 }, "sourceExcludes"],
    ];
    for (const [given, place] of BAD) {
      it(`[R4, R7] ${JSON.stringify(given)} is a 400 that names ${place}`, () => {
        should(() => argumentsOf({ ...given }).source()).throw({
          id: "batch.request.invalid",
          status: 400,
          message: new RegExp(`^${place} must be `),
        });
      });
    }
  });

  describe("[R14] source, with much in it", () => {
    const fields = (count: number, name = "f"): string[] =>
      Array.from({ length: count }, (_, i) => `${name}${i}`);

    it("[R14] accepts 100 fields, 8 wildcards and 3,000 bytes of an address", () => {
      for (const given of [
        { source: fields(60).join(), sourceExcludes: fields(40, "g") },
        { source: "*a*,*b*", sourceExcludes: "*c*,*d*" },
        { source: ["x".repeat(3_000)] },
        { source: ["é".repeat(500)] },
      ]) {
        should(argumentsOf({ ...given }).source().kind).equal("fields");
      }
    });

    const TOO_MUCH: Array<[object, string, string]> = [
      [{ source: fields(101) }, "source", "100 field names"],
      [
        { source: fields(60), sourceExcludes: fields(41) },
        "sourceExcludes",
        "100 field names",
      ],
      [{ source: "a*".repeat(9) }, "source", "8 wildcards"],
      [{ sourceExcludes: ["*".repeat(9)] }, "sourceExcludes", "8 wildcards"],
      [{ source: ["x".repeat(3_001)] }, "source", "3000 bytes in a URL"],
      [{ source: ["é".repeat(501)] }, "source", "3000 bytes in a URL"],
      [{ source: fields(400_000).join() }, "source", "100 field names"],
    ];
    for (const [given, place, allowed] of TOO_MUCH) {
      it(`rejects more than ${allowed} and names ${place} [R7]`, () => {
        should(() => argumentsOf({ ...given }).source()).throw({
          id: "batch.request.invalid",
          status: 400,
          message: `${place} must be at most ${allowed}, source and sourceExcludes together.`,
        });
      });
    }

    it("rejects an argument that is too deep [R7]", () => {
      const source = JSON.parse(
        "[".repeat(20_000) + "]".repeat(20_000),
      ) as unknown;
      should(() => argumentsOf({ source })).throw({
        id: "batch.request.invalid",
        message: "source must be nested at most 500 levels deep.",
      });
    });
  });

  describe("name", () => {
    it("is the argument", () => {
      should(argumentsOf({ index: "nyc" }).name("index")).equal("nyc");
      should(argumentsOf({}).optionalName("collection")).be.undefined();
    });

    for (const value of [undefined, null]) {
      it(`[R7] ${String(value)} is missing`, () => {
        should(() => argumentsOf({ index: value }).name("index")).throw({
          id: "batch.request.missing",
          status: 400,
          message: "index is missing.",
        });
      });
    }
    for (const value of ["", 1, true, [], ["nyc"], {}]) {
      it(`[R7] ${JSON.stringify(value)} is a 400`, () => {
        should(() => argumentsOf({ index: value }).name("index")).throw({
          id: "batch.request.invalid",
          status: 400,
          message: "index must be a non-empty string.",
        });
      });
    }
  });

  describe("of a form, in which every line is sent", () => {
    const FORM = { strict: "", refresh: "", retryOnConflict: "" };
    const over = (protocol: string): Arguments =>
      new Arguments(kuzzleRequest(FORM, { protocol }));

    it("has no flag on that was left alone, nor anything else [R4]", () => {
      const args = over("websocket");
      should(args.flag("strict")).be.false();
      should(args.flag("strict", true)).be.true();
      should(args.refresh()).equal("false");
      should(args.count("retryOnConflict", 3)).equal(3);
      should(argumentsOf({ collection: "" }).optionalName("collection")).equal(
        undefined,
      );
    });

    it("is not supported in an address: a flag without a value is on [R4]", () => {
      should(over("http").flag("strict")).be.true();
    });
  });
});
