import assert from "node:assert/strict";

import { Then, When } from "@cucumber/cucumber";

import { kuzzleUrl } from "../support/environment";
import { assertMatches } from "../support/notation";
import type { BatchWorld } from "../support/world";

When(
  "I read the lines of {string}:",
  async function (this: BatchWorld, path: string, body: string) {
    const response = await fetch(kuzzleUrl + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.token !== undefined && {
          authorization: `Bearer ${this.token}`,
        }),
      },
      body: JSON.stringify(this.read(body)),
    });
    const text = await response.text();

    assert.equal(response.status, 200, text);
    assert.equal(response.headers.get("content-type"), "application/x-ndjson");
    assert.ok(text.endsWith("\n"), "The last line should be whole");
    this.remembered.set("lines", text.trimEnd().split("\n"));
  },
);

Then("the lines are:", function (this: BatchWorld, expected: string) {
  const lines = (this.remembered.get("lines") as string[]).map((line) =>
    JSON.parse(line),
  );

  assertMatches(lines, this.read(expected), "lines");
});
