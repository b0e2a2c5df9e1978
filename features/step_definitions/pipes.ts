import { type DataTable, Given } from "@cucumber/cucumber";

import { switchPipes } from "../support/kuzzle";
import type { BatchWorld } from "../support/world";

/** The sets of pipes are in the tested application, features/support/app.ts. */
Given(
  "the application's pipes for:",
  async function (this: BatchWorld, sets: DataTable) {
    this.pipesAreOn = true;
    await switchPipes(sets.raw().flat());
  },
);
