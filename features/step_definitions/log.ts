import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { Then } from "@cucumber/cucumber";

import { environment } from "../support/environment";

Then("Kuzzle's log has no line with {string}", (text: string) => {
  const lines = readFileSync(environment.kuzzleLog, "utf8").split("\n");

  assert.ok(lines.length > 1, `${environment.kuzzleLog} is empty`);
  assert.deepEqual(
    lines.filter((line) => line.includes(text)),
    [],
  );
});
