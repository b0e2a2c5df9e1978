import _ from "lodash";
import should from "should";

import {
  openApiProblems,
  pluginDocument,
  type OpenApiDocument,
} from "../../../scripts/checks/openapi";

const MWRITE = ["paths", "/_/batch/{index}/{collection}/_mWrite", "post"];

describe("the check of the OpenAPI descriptions", function () {
  this.timeout(20_000);

  it("accepts those of the plugin", async () => {
    should(await openApiProblems(pluginDocument())).eql([]);
  });

  const broken: [what: string, at: string[], value: unknown, rule: string][] = [
    ["an operation without a summary", ["summary"], undefined, "summary"],
    ["an id that is taken", ["operationId"], "batchMUpdate", "unique"],
    [
      "a part of the path that is not described",
      ["parameters"],
      [],
      "path-parameters-defined",
    ],
    ["an answer without a description", ["responses", "200"], {}, "struct"],
    ["answers without an error", ["responses"], ok(), "operation-4xx-response"],
    [
      "a schema of another version of OpenAPI",
      ["responses", "200", "content", "application/json", "schema", "nullable"],
      true,
      "struct",
    ],
    [
      "a property that is required and not there",
      [...["requestBody", "content", "application/json", "schema"], "required"],
      ["nothing"],
      "no-required-schema-properties-undefined",
    ],
  ];

  for (const [what, at, value, rule] of broken) {
    it(`reports ${what}`, async () => {
      const document = pluginDocument();
      _.set(document, [...MWRITE, ...at], value);
      should((await openApiProblems(document)).join("\n")).match(
        new RegExp(rule),
      );
    });
  }

  it("reports an operation that nobody wrote", async () => {
    const document: OpenApiDocument = pluginDocument();
    _.set(document, ["paths", "/_/batch/bare", "get"], {});
    should(await openApiProblems(document)).not.be.empty();
  });
});

function ok(): object {
  return { 200: { description: "It is done." } };
}
