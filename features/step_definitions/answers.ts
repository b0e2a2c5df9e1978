import assert from "node:assert/strict";

import { Then } from "@cucumber/cucumber";
import { get } from "lodash";

import { assertMatches } from "../support/notation";
import type { BatchWorld } from "../support/world";

Then("the result matches:", function (this: BatchWorld, expected: string) {
  assertMatches(this.result, this.read(expected), "result");
});

Then(
  "the result's {string} is exactly:",
  function (this: BatchWorld, path: string, expected: string) {
    assert.deepEqual(get(this.result, path), this.read(expected));
  },
);

Then(
  "every entry of the result's {string} matches:",
  function (this: BatchWorld, path: string, expected: string) {
    const entries: unknown = get(this.result, path);

    assert.ok(
      Array.isArray(entries) && entries.length > 0,
      `${path} should have entries`,
    );
    for (const entry of entries) {
      assertMatches(entry, this.read(expected), path);
    }
  },
);

Then(
  "the result's {string} has {int} entries",
  function (this: BatchWorld, path: string, count: number) {
    assert.equal(get(this.result, `${path}.length`), count);
  },
);

Then(
  "it is rejected with {int} {string}",
  function (this: BatchWorld, status: number, id: string) {
    assertRefused(this, status, { id });
  },
);

Then(
  "it is rejected with {int} naming {string}",
  function (this: BatchWorld, status: number, place: string) {
    assertRefused(this, status, {});
    const { message, errors } = this.answer.error ?? {};

    assert.ok(
      JSON.stringify([message, errors]).includes(place),
      `The error should name ${place}: ${message} ${JSON.stringify(errors ?? [])}`,
    );
  },
);

Then(
  "it is rejected with {int} {string} and the errors:",
  function (this: BatchWorld, status: number, id: string, errors: string) {
    assertRefused(this, status, { id, errors: this.read(errors) });
  },
);

Then(
  "it is rejected with {int} and the errors:",
  function (this: BatchWorld, status: number, errors: string) {
    assertRefused(this, status, { errors: this.read(errors) });
  },
);

Then(
  "I remember the result's {string} as {string}",
  function (this: BatchWorld, path: string, name: string) {
    this.remembered.set(name, get(this.result, path));
  },
);

function assertRefused(
  world: BatchWorld,
  status: number,
  expected: Record<string, unknown>,
): void {
  const { error, result } = world.answer;

  assert.ok(error !== null, `It was not rejected: ${JSON.stringify(result)}`);
  assertMatches(
    { ...error, stack: undefined },
    { ...expected, status },
    "error",
  );
  assert.equal(world.answer.status, status);
}
