import { ESLint } from "eslint";
import should from "should";
import tseslint from "typescript-eslint";

/** [the file that imports, what it imports] */
type Import = readonly [from: string, specifier: string];

const forbidden: Import[] = [
  ["index.ts", "./lib/storage/ElasticsearchStore"],
  ["index.ts", "./lib/operations"],
  ["index.ts", "./lib"],
  ["index.mts", "./lib/config.js"],

  ["lib/types.ts", "./config"],
  ["lib/types.ts", "kuzzle"],
  ["lib/types/commands.ts", "../errors"],

  ["lib/BatchPlugin.ts", "./operations/write"],
  ["lib/BatchPlugin.ts", "./operations/atomic/undo"],
  ["lib/BatchPlugin.ts", "./operations/engineCalls"],
  ["lib/BatchPlugin.ts", "./operations"],
  ["lib/BatchPlugin.ts", "../index"],
  ["lib/BatchPlugin.ts", "../client"],

  ["lib/config.ts", "./BatchPlugin"],
  ["lib/config.ts", "./metrics"],
  ["lib/metrics.ts", "./storage/ElasticsearchStore"],
  ["lib/errors.ts", "./api/BatchController"],
  ["lib/errors.ts", "./config"],

  ["lib/api/BatchController.ts", "../storage/ElasticsearchStore"],
  ["lib/api/BatchController.ts", "../storage/DocumentStore"],
  ["lib/api/BatchController.ts", "../../lib/storage/ElasticsearchStore"],
  ["lib/api/BatchController.ts", "./../storage"],
  ["lib/api/BatchController.ts", "../BatchPlugin"],
  ["lib/api/BatchController.ts", "../BatchPlugin.js"],
  ["lib/api/BatchController.ts", "../../index"],
  ["lib/api/v1/MGet.ts", "../../storage/ElasticsearchStore"],

  ["lib/operations/write.ts", "../api/BatchController"],
  ["lib/operations/write.ts", "../storage/ElasticsearchStore"],
  ["lib/operations/write.ts", "../storage"],
  ["lib/operations/write.ts", "../config"],
  ["lib/operations/write.ts", "../errors"],
  ["lib/operations/write.ts", "../BatchPlugin"],
  ["lib/operations/write.ts", "kuzzle"],
  ["lib/operations/write.ts", "kuzzle/lib/core/backend"],
  ["lib/operations/write.ts", "kuzzle-sdk"],
  ["lib/operations/write.ts", "sdk-es7"],
  ["lib/operations/write.ts", "@elastic/elasticsearch"],
  ["lib/operations/write.ts", "node:http"],
  ["lib/operations/write.ts", "https"],
  ["lib/operations/journal/undo.ts", "../../storage/ElasticsearchStore"],

  ["lib/storage/ElasticsearchStore.ts", "../api/BatchController"],
  ["lib/storage/ElasticsearchStore.ts", "../operations/write"],
  ["lib/storage/ElasticsearchStore.ts", "../BatchPlugin"],
  ["lib/storage/ElasticsearchStore.ts", "../metrics"],

  ["client/index.ts", "../lib/config"],
  ["client/index.ts", "../lib/errors"],
  ["client/index.ts", "../lib"],
  ["client/index.ts", "../index"],
  ["client/index.ts", ".."],
  ["client/index.ts", "../bin/kuzzle-batch"],
  ["client/index.ts", "kuzzle"],
  ["bin/kuzzle-batch.ts", "../lib/api/BatchController"],
  ["bin/kuzzle-batch.ts", "../index"],
  ["bench/run.ts", "../lib/operations/write"],
];

const allowed: Import[] = [
  ["index.ts", "./lib/BatchPlugin"],
  ["index.mts", "./index.js"],
  ["index.ts", "./lib/types"],

  ["lib/BatchPlugin.ts", "./config"],
  ["lib/BatchPlugin.ts", "./metrics"],
  ["lib/BatchPlugin.ts", "./operations/engine"],
  ["lib/BatchPlugin.ts", "./operations/atomic/recovery"],
  ["lib/BatchPlugin.ts", "./api/BatchController"],
  ["lib/BatchPlugin.ts", "./storage/ElasticsearchStore"],
  ["lib/BatchPlugin.ts", "kuzzle"],

  ["lib/config.ts", "./errors"],
  ["lib/config.ts", "./types"],
  ["lib/errors.ts", "kuzzle"],

  ["lib/api/BatchController.ts", "../operations/write"],
  ["lib/api/BatchController.ts", "../errors"],
  ["lib/api/BatchController.ts", "../types"],
  ["lib/api/BatchController.ts", "./openapi"],
  ["lib/api/BatchController.ts", "./storage"],
  ["lib/api/BatchController.ts", "kuzzle"],
  ["lib/api/v1/MGet.ts", "../../operations/batchGet"],

  ["lib/operations/write.ts", "./chunks"],
  ["lib/operations/write.ts", "../types"],
  ["lib/operations/write.ts", "../storage/DocumentStore"],
  ["lib/operations/write.ts", "node:crypto"],
  ["lib/operations/write.ts", "lodash"],
  ["lib/operations/journal/undo.ts", "../chunks"],
  ["lib/operations/atomic/undo.ts", "../../storage/DocumentStore"],
  ["lib/operations/atomic/undo.ts", "../../storage/JournalStore"],

  ["lib/storage/ElasticsearchStore.ts", "./DocumentStore"],
  ["lib/storage/ElasticsearchStore.ts", "../operations/DocumentStore"],
  ["lib/storage/ElasticsearchStore.ts", "../errors"],
  ["lib/storage/ElasticsearchStore.ts", "kuzzle"],

  ["client/index.ts", "./split"],
  ["client/split.ts", "./index"],
  ["bin/kuzzle-batch.ts", "../client/index"],
  ["client/index.ts", "../lib/types"],
  ["client/index.ts", "kuzzle-sdk"],
  ["bin/kuzzle-batch.ts", "../client"],
  ["bin/kuzzle-batch.ts", "../lib/types"],
  ["bench/run.ts", "../client"],
];

describe("import directions", function () {
  // The first use of ESLint loads the whole of typescript-eslint.
  this.timeout(60_000);

  // The samples lie in no file, so there is nothing to read types from.
  const eslint = new ESLint({
    overrideConfig: [tseslint.configs.disableTypeChecked],
    ruleFilter: ({ ruleId }) => ruleId.startsWith("no-restricted-"),
  });

  async function complaints(text: string, filePath: string): Promise<string[]> {
    const [result] = await eslint.lintText(text, { filePath });
    should(result?.messages.filter(({ fatal }) => fatal)).eql([]);
    return (result?.messages ?? []).map(({ ruleId }) => String(ruleId));
  }

  for (const [from, specifier] of forbidden) {
    it(`${from} may not import "${specifier}"`, async () => {
      const found = await complaints(
        `import { sample } from "${specifier}";\nsample();\n`,
        from,
      );
      should(found).not.be.empty();
    });
  }

  for (const [from, specifier] of allowed) {
    it(`${from} may import "${specifier}"`, async () => {
      const found = await complaints(
        `import { sample } from "${specifier}";\nsample();\n`,
        from,
      );
      should(found).eql([]);
    });
  }

  it("sees type imports and re-exports as well", async () => {
    const from = "lib/operations/write.ts";
    should(
      await complaints('import type { A } from "kuzzle";\n', from),
    ).not.be.empty();
    should(
      await complaints('export * from "../api/BatchController";\n', from),
    ).not.be.empty();
  });

  it("leaves no way around it by an import that is not at the top", async () => {
    const from = "lib/operations/write.ts";
    should(
      await complaints('export const a = import("kuzzle");\n', from),
    ).not.be.empty();
    should(
      await complaints('export type A = import("kuzzle").A;\n', from),
    ).not.be.empty();
  });
});
