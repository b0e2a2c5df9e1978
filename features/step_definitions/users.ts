import { type DataTable, Given } from "@cucumber/cucumber";

import { allowAnonymous, type Permission, userWho } from "../support/kuzzle";
import type { BatchWorld } from "../support/world";

/**
 * Rows of an action and the places to which it is restricted ("library", "library:books"), if any.
 */
Given(
  "{string} may only:",
  async function (this: BatchWorld, user: string, rights: DataTable) {
    const permissions = rights
      .raw()
      .map(([action = "", where = ""]): Permission => ({
        action,
        where: where
          .split(",")
          .map((place) => place.trim())
          .filter((place) => place !== ""),
      }));

    this.users.set(user, await userWho(permissions));
  },
);

Given(
  "anonymous may only:",
  async function (this: BatchWorld, rights: DataTable) {
    const granted: Record<string, string[]> = {};

    for (const [right = ""] of rights.raw()) {
      const [controller = "", action = ""] = right.split(":");

      granted[controller] = [...(granted[controller] ?? []), action];
    }
    this.anonymousWasAllowed = true;
    await allowAnonymous(granted);
  },
);

Given("I am {word}", function (this: BatchWorld, user: string) {
  this.actAs(user);
});
