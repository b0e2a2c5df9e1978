import assert from "node:assert/strict";

import { Then, When } from "@cucumber/cucumber";

import { query } from "../support/transports";
import type { BatchWorld } from "../support/world";

interface Operation {
  requestBody?: {
    content?: {
      "application/json"?: {
        schema?: { properties?: Record<string, unknown> };
      };
    };
  };
}

type Paths = Record<string, Record<string, Operation>>;

/** A raw answer without Kuzzle's envelope: all of it is the description. */
When(
  "I ask for the OpenAPI description of the application",
  async function (this: BatchWorld) {
    const description = await query({
      controller: "server",
      action: "openapi",
      scope: "app",
    });

    this.accept({ status: 200, error: null, result: description });
  },
);

Then(
  "it describes {string} {string} with the body properties {string}",
  function (this: BatchWorld, verb: string, path: string, names: string) {
    const operation = pathsOf(this)[path]?.[verb];

    assert.ok(
      operation,
      `No ${verb} ${path} in ${Object.keys(pathsOf(this)).join(", ")}`,
    );
    const properties = Object.keys(propertiesOf(operation) ?? {});

    for (const name of names.split(", ")) {
      assert.ok(
        properties.includes(name),
        `No ${name} in ${properties.join(", ")}`,
      );
    }
  },
);

Then(
  "every route under {string} has a request schema with properties",
  function (this: BatchWorld, prefix: string) {
    const ours = Object.entries(pathsOf(this)).filter(([path]) =>
      path.startsWith(prefix),
    );

    assert.ok(ours.length > 0, `No route under ${prefix}`);
    for (const [path, operations] of ours) {
      for (const [verb, operation] of Object.entries(operations)) {
        assert.ok(
          propertiesOf(operation),
          `${verb} ${path} has no request schema with properties`,
        );
      }
    }
  },
);

function pathsOf(world: BatchWorld): Paths {
  return world.result["paths"] as Paths;
}

function propertiesOf(
  operation: Operation,
): Record<string, unknown> | undefined {
  return operation.requestBody?.content?.["application/json"]?.schema
    ?.properties;
}
