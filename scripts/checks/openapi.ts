/**
 * Lints the OpenAPI descriptions of the plugin's routes, assembled by Kuzzle's own
 * generator. Kuzzle's own part of the document has defects of its own and is left out.
 */
import { generateOpenApi } from "kuzzle/dist/lib/api/openapi/openApiGenerator";

import { batchController } from "../../lib/api/BatchController";
import { mixpeekController } from "../../lib/compat/mixpeek/MixpeekController";
import { kuzzle1Controller } from "../../lib/compat/kuzzle1/Kuzzle1Controller";
import { actionsWith, NO_INSTRUMENTS } from "../../test/support/controller";
import { FakeStore } from "../../test/support/FakeStore";
import { kuzzleServices } from "../../test/support/request";

export type Paths = Record<string, Record<string, Operation>>;

export interface Operation {
  readonly operationId: string;
  readonly parameters: ReadonlyArray<{
    readonly in: "path" | "query" | "header";
    readonly name: string;
    readonly schema: object;
  }>;
  readonly requestBody: {
    readonly content: Record<
      string,
      { readonly schema: { readonly properties: Record<string, object> } }
    >;
  };
  readonly responses: Record<string, object>;
  readonly tags?: readonly string[];
}

/** Kuzzle's root object, as far as it is valid. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Paths;
}

const CONFIG: { extends: string[]; rules: Record<string, "error" | "off"> } = {
  extends: ["recommended-strict"],
  rules: {
    "operation-description": "error",
    "operation-tag-defined": "error",
    "parameter-description": "error",
    // Kuzzle's root names no security scheme to which an operation could refer
    "security-defined": "off",
    // Kuzzle's router needs the route for an index called `documents`
    "no-ambiguous-paths": "off",
  },
};

/** The plugin's routes as `server:openapi` describes them. */
export function pluginDocument(): OpenApiDocument {
  const kuzzle = kuzzleServices();
  const actions = actionsWith(new FakeStore(), kuzzle);
  const limits = {
    maxLookups: 1,
    maxResponseBytes: 1,
    atomicMaxDocuments: 1,
    atomicMaxBytes: 1,
  };
  const controllers = {
    batch: batchController(actions, NO_INSTRUMENTS, kuzzle, limits),
    "batch/v1": kuzzle1Controller(actions),
    "batch/documents": mixpeekController(actions),
  };
  const routes = Object.entries(controllers).flatMap(
    ([controller, { actions: byName }]) =>
      Object.entries(byName).flatMap(([action, { http = [] }]) =>
        http.map((route) => ({ ...route, controller, action })),
      ),
  );
  return generateOpenApi(routes, rootWith({})) as OpenApiDocument;
}

/** A valid root around paths. */
export function rootWith(paths: Paths): OpenApiDocument {
  return {
    openapi: "3.1.0",
    info: {
      title: "kuzzle-plugin-batch",
      version: "1",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "https://kuzzle.test" }],
    tags: [],
    paths,
  };
}

/** The problems of a document; empty if there are none. */
export async function openApiProblems(
  document: OpenApiDocument,
): Promise<string[]> {
  const { createConfig, lintFromString } =
    await import("@redocly/openapi-core"); // an ES module
  const problems = await lintFromString({
    source: JSON.stringify(document),
    config: await createConfig(structuredClone(CONFIG)),
  });
  return problems.map(({ ruleId, message, location: [place] }) => {
    const pointer = (place as { pointer?: string } | undefined)?.pointer ?? "";
    return `${pointer}: ${message} (${ruleId})`;
  });
}

async function main(): Promise<void> {
  const document = pluginDocument();
  const problems = await openApiProblems(document);
  for (const problem of problems) {
    console.error(problem);
  }
  if (problems.length === 0) {
    console.log(`sound: ${Object.keys(document.paths).join(", ")}`);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (require.main === module) {
  void main();
}
