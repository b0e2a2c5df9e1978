import assert from "node:assert/strict";

import { Then, When } from "@cucumber/cucumber";

import {
  assertConflictsOnly,
  assertCountsAddUp,
  assertNothingLost,
  contend,
  type ContestReport,
} from "../support/contention";
import { adminJwt } from "../support/kuzzle";
import { openTransport } from "../support/transports";
import type { BatchWorld } from "../support/world";

const PATIENCE_MS = { timeout: 120_000 };

let report: ContestReport | null = null;

When(
  "{int} clients each update all of {int} documents in {string} {int} times, with retryOnConflict {int}",
  PATIENCE_MS,
  async function (
    this: BatchWorld,
    count: number,
    documents: number,
    address: string,
    batches: number,
    retryOnConflict: number,
  ) {
    const clients = await Promise.all(
      Array.from({ length: count }, () =>
        openTransport(this.parameters.protocol),
      ),
    );

    try {
      report = await contend({
        address,
        clients,
        jwt: adminJwt(),
        batches,
        documents,
        retryOnConflict,
      });
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  },
);

Then("every update is acknowledged", () => {
  assert.deepEqual(theReport().errors, []);
});

Then("updates that are not acknowledged are retryable conflicts", () => {
  assert.notEqual(theReport().errors.length, 0);
  assertConflictsOnly(theReport());
});

Then(
  "each acknowledged update is a version of its document, and each client's are in order",
  PATIENCE_MS,
  () => assertNothingLost(theReport()),
);

Then("attempts and conflicts are what the engine has counted", () => {
  assertCountsAddUp(theReport());
});

function theReport(): ContestReport {
  assert.ok(report !== null, "Nothing was contended for yet");

  return report;
}
