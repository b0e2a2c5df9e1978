import should from "should";

import { mixpeekController } from "../../../../lib/compat/mixpeek/MixpeekController";
import { kuzzle1Controller } from "../../../../lib/compat/kuzzle1/Kuzzle1Controller";
import { ERRORS } from "../../../../lib/errors";
import { FakeStore } from "../../../support/FakeStore";
import { actionsWith, controllerWith } from "../../../support/controller";
import { kuzzleServices } from "../../../support/request";

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: Array<{ in: string; name: string; required: boolean }>;
  readonly requestBody?: {
    readonly content: Record<string, { schema: Record<string, unknown> }>;
  };
  readonly responses: Record<number, { description: string }>;
}

const kuzzle = kuzzleServices();
const actions = actionsWith(new FakeStore(), kuzzle);
const routes = [
  controllerWith(new FakeStore(), kuzzle),
  kuzzle1Controller(actions),
  mixpeekController(actions),
].flatMap((controller) =>
  Object.entries(controller.actions).flatMap(([action, { http = [] }]) =>
    http.map((each) => ({
      action,
      verb: each.verb,
      path: each.path,
      operation: (each as unknown as { openapi: Operation }).openapi,
    })),
  ),
);

function objectsIn(value: unknown): object[] {
  return typeof value === "object" && value !== null
    ? [value, ...Object.values(value).flatMap(objectsIn)]
    : [];
}

/** Kuzzle does not start, so no action answers with these. */
const AT_START = ["batch.config.invalid", "batch.kuzzle.unsupported"];

describe("the OpenAPI descriptions", () => {
  it("has every route of the contract", () => {
    const found = routes.map(
      ({ action, verb, path }) => `${action}: ${verb} ${path}`,
    );
    should(found).containDeep([
      "batchGet: post /_/batch/:index/_batchGet",
      "batchGet: post /_/batch/:index/:collection/_batchGet",
      "mWrite: post /_/batch/:index/:collection/_mWrite",
      "mUpdate: put /_/batch/:index/:collection/_mUpdate",
    ]);
  });

  for (const { path, operation } of routes) {
    describe(path, () => {
      it("has properties for the body, without which the admin console breaks", () => {
        const schema = operation.requestBody?.content["application/json"];
        should(schema).have.propertyByPath("schema", "properties");
        should(schema).have.propertyByPath("schema", "type").eql("object");
      });

      it("names each part of the path", () => {
        const inPath = operation.parameters.filter(
          (each) => each.in === "path",
        );
        should(inPath.map(({ name }) => `:${name}`)).eql(
          path.match(/:\w+/g) ?? [],
        );
        should(inPath.every(({ required }) => required)).be.true();
      });

      it("names each argument once", () => {
        const names = operation.parameters.map(({ name }) => name);
        should(new Set(names).size).equal(names.length);
      });

      it("describes the action and its answer", () => {
        should(operation.description).be.a.String().and.not.empty();
        should(operation.responses).have.property("200");
      });
    });
  }

  it("[R8] has each error that an action may answer, with its status", () => {
    for (const [id, { status }] of Object.entries(ERRORS)) {
      const answered = routes.some(({ operation }) =>
        operation.responses[status]?.description.includes(`\`${id}\``),
      );
      should(answered).equal(!AT_START.includes(id), id);
    }
  });

  it("names each operation differently, so that code can be made from it", () => {
    const names = routes.map(({ operation }) => operation.operationId);
    should(new Set(names).size).equal(names.length);
    should(names).containDeep(["batchMWrite", "batchV1MGetInDocuments"]);
  });

  it("shares no object between two routes, since Kuzzle changes them", () => {
    const seen = new Set<object>();
    for (const { operation } of routes) {
      const own = new Set(objectsIn(operation));
      own.forEach((each) => should(seen.has(each)).be.false());
      own.forEach((each) => seen.add(each));
    }
  });
});
