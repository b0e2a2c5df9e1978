import assert from "node:assert/strict";

import { After, Given, Then, When } from "@cucumber/cucumber";

import { InstalledApplication } from "../support/install";

const PATIENCE_MS = { timeout: 180_000 };
/** Created by the example. */
const INDEX = "bookshop";

let application: InstalledApplication | null = null;

Given("the plugin is packed by npm", PATIENCE_MS, async () => {
  application = await InstalledApplication.inEmptyFolder();
  const files = await application.pack();

  assert.ok(files.includes("dist/index.js"), files.join(", "));
  assert.deepEqual(
    files.filter((file) =>
      /^(features|test|docker|examples|node_modules)\//.test(file),
    ),
    [],
  );
});

Given(
  "the example {string} installs the package",
  PATIENCE_MS,
  (name: string) => theApplication().install(name),
);

When("the application starts", PATIENCE_MS, () => theApplication().start());

Then(
  "its program {string} prints:",
  PATIENCE_MS,
  async (file: string, text: string) => {
    try {
      assert.equal(await theApplication().run(file), `${text}\n`);
    } finally {
      await theApplication().deleteIndex(INDEX);
    }
  },
);

After({ tags: "@install", ...PATIENCE_MS }, async () => {
  await application?.remove();
  application = null;
});

function theApplication(): InstalledApplication {
  assert.ok(application !== null, "The plugin is not packed yet");

  return application;
}
