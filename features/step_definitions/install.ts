import assert from "node:assert/strict";

import { After, Given, Then, When } from "@cucumber/cucumber";

import { InstalledApplication } from "../support/install";
import { adminJwt } from "../support/kuzzle";
import { assertMatches } from "../support/notation";

const PATIENCE_MS = { timeout: 180_000 };
const INDEX = "installed";

let application: InstalledApplication | null = null;

Given("the plugin is packed by npm", PATIENCE_MS, async () => {
  application = await InstalledApplication.inEmptyFolder();
  const files = await application.pack();

  assert.ok(files.includes("dist/index.js"), files.join(", "));
  assert.deepEqual(
    files.filter((file) => /^(features|test|docker|node_modules)\//.test(file)),
    [],
  );
});

Given("an empty Kuzzle application installs the package", PATIENCE_MS, () =>
  theApplication().install(),
);

When("the application starts", PATIENCE_MS, () => theApplication().start());

Then("its batchGet tells found from missing", async () => {
  const jwt = adminJwt();
  const books = { index: INDEX, collection: "books" };
  const call = (controller: string, action: string, args: object) =>
    theApplication().query({ controller, action, jwt, ...args });

  await call("index", "create", { index: INDEX });
  try {
    await call("collection", "create", { ...books, body: {} });
    await call("document", "create", {
      ...books,
      _id: "dune",
      body: { title: "Dune" },
    });
    const answer = await call("batch", "batchGet", {
      ...books,
      body: { ids: ["nowhere", "dune"] },
    });

    assertMatches(answer, {
      status: 200,
      error: null,
      result: {
        documents: [{ _id: "dune", _source: { title: "Dune" } }],
        not_found: ["nowhere"],
        errors: [],
      },
    });
  } finally {
    await call("index", "delete", { index: INDEX });
  }
});

After({ tags: "@install", ...PATIENCE_MS }, async () => {
  await application?.remove();
  application = null;
});

function theApplication(): InstalledApplication {
  assert.ok(application !== null, "The plugin is not packed yet");

  return application;
}
