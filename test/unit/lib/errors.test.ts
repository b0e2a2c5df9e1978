import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { KuzzleError } from "kuzzle";
import * as kerror from "kuzzle/dist/lib/kerror";
import should from "should";

import {
  batchError,
  BatchError,
  ERRORS,
  NATIVE_ERRORS,
  type ErrorId,
} from "../../../lib/errors";

const ids = Object.keys(ERRORS) as ErrorId[];
const lib = path.resolve(__dirname, "../../../lib");

function placeholdersOf(id: ErrorId): string[] {
  return [...ERRORS[id].message.matchAll(/\{(\w+)\}/g)].map(
    ([, name]) => name as string,
  );
}

describe("the error table", () => {
  it("[R8] has no code twice", () => {
    const codes = ids.map((id) => ERRORS[id].code);
    should(new Set(codes).size).equal(codes.length);
  });

  for (const id of ids) {
    it(`[R8] ${id} becomes a Kuzzle error with its message complete`, () => {
      const parameters = Object.fromEntries(
        placeholdersOf(id).map((name) => [name, `<$& ${name}>`]),
      );
      const error = batchError(id, parameters);

      should(error).be.instanceOf(KuzzleError);
      should(error).containEql({
        id,
        status: ERRORS[id].status,
        code: ERRORS[id].code,
      });
      should(error.message).not.match(/[{}]|undefined/);
      for (const value of Object.values(parameters)) {
        should(error.message).containEql(value);
      }
      should(error.toJSON()).not.have.property("errors");
    });
  }

  it("[R8] carries what was done and what was not, through toJSON", () => {
    const errors = [{ _id: "a" }, { _id: "b" }];
    const error = batchError(
      "batch.write.incomplete",
      { count: 2, requested: 3 },
      errors,
    );

    should(error).be.instanceOf(BatchError);
    should(JSON.parse(JSON.stringify(error.toJSON()))).containDeep({
      id: "batch.write.incomplete",
      status: 400,
      message: "2 of the 3 documents were not written; all others were.",
      count: 2,
      errors,
    });
  });

  it("[R8] each placeholder is given wherever the error is raised", () => {
    const sources = readdirSync(lib, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(path.join(lib, file), "utf8"))
      .join("\n");
    const raised = [
      ...sources.matchAll(
        /batchError\(\s*"([\w.]+)",\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g,
      ),
    ];

    should(raised.length).be.above(5);
    for (const [, id, parameters] of raised) {
      for (const name of placeholdersOf(id as ErrorId)) {
        should(parameters).match(new RegExp(`\\b${name}\\b`));
      }
    }
  });
});

describe("NATIVE_ERRORS", () => {
  const NATIVE: Array<[KuzzleError, [string, string, string], string[]]> = [
    [
      NATIVE_ERRORS.unknownIndex("nyc"),
      ["services", "storage", "unknown_index"],
      ["nyc"],
    ],
    [
      NATIVE_ERRORS.unknownCollection("nyc", "yellow"),
      ["services", "storage", "unknown_collection"],
      ["nyc", "yellow"],
    ],
    [
      NATIVE_ERRORS.getLimitExceeded(),
      ["services", "storage", "get_limit_exceeded"],
      [],
    ],
    [
      NATIVE_ERRORS.writeLimitExceeded(),
      ["services", "storage", "write_limit_exceeded"],
      [],
    ],
    [
      NATIVE_ERRORS.unauthorized("document", "mGet", "-1"),
      ["security", "rights", "unauthorized"],
      ["document", "mGet", "-1"],
    ],
    [
      NATIVE_ERRORS.forbidden("document", "mGet", "alyx"),
      ["security", "rights", "forbidden"],
      ["document", "mGet", "alyx"],
    ],
  ];

  for (const [error, name, parameters] of NATIVE) {
    it(`[R8] ${name.join(".")} is Kuzzle's own, to the letter`, () => {
      const native = kerror.get(...name, ...parameters);
      should(error.constructor).equal(native.constructor);
      should(withoutStack(error)).eql(withoutStack(native));
      should(error.message).equal(native.message);
    });
  }
});

function withoutStack(error: KuzzleError): object {
  const { stack, ...rest } = error.toJSON() as Record<string, unknown>;
  return { ...rest, props: error.props };
}
