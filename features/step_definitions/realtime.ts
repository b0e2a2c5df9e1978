import assert from "node:assert/strict";

import { Given, Then } from "@cucumber/cucumber";

import { splitAddress } from "../support/engine";
import { asAdmin } from "../support/kuzzle";
import { assertMatches } from "../support/notation";
import { type Notification, Subscriber } from "../support/subscriber";
import type { BatchWorld } from "../support/world";

Given(
  "a client is subscribed to {string}",
  async function (this: BatchWorld, address: string) {
    await this.needCollection(address);
    this.subscriber = await Subscriber.to(address);
  },
);

Given(
  "a client is subscribed to {string} with the filter:",
  async function (this: BatchWorld, address: string, filter: string) {
    await this.needCollection(address);
    this.subscriber = await Subscriber.to(address, this.read(filter));
  },
);

Then(
  "the subscriber is notified of:",
  async function (this: BatchWorld, expected: string) {
    assertMatches(
      await notificationsOf(this),
      this.read(expected),
      "notifications",
    );
  },
);

Then("the subscriber is not notified", async function (this: BatchWorld) {
  assert.deepEqual(await notificationsOf(this), []);
});

/** The same request with the native action, on a collection that had the same documents. */
Then(
  "native {string} of the same in {string} notifies the same, field for field",
  async function (this: BatchWorld, native: string, address: string) {
    const ours = await notificationsOf(this);
    const subscriber = await Subscriber.to(address);

    try {
      const [index, collection] = splitAddress(address);
      const [controller = "", action = ""] = native.split(":");

      await asAdmin({
        ...this.lastRequest,
        controller,
        action,
        index,
        collection,
      });
      const theirs = await subscriber.notifications();

      assert.ok(theirs.length > 0, `${native} notified nothing`);
      assert.deepEqual(ours.map(comparable), theirs.map(comparable));
    } finally {
      await subscriber.close();
    }
  },
);

function notificationsOf(world: BatchWorld): Promise<Notification[]> {
  assert.ok(world.subscriber !== null, "Nobody is subscribed");

  return world.subscriber.notifications();
}

/** Without what differs between requests: who, when and where. */
function comparable(notification: Notification): unknown {
  const { requestId, timestamp, room, collection, node, protocol, ...rest } =
    notification;
  const source = notification.result["_source"] as Record<string, unknown>;
  const info = source["_kuzzle_info"] as Record<string, unknown> | undefined;

  void [requestId, timestamp, room, collection, node, protocol];

  return {
    ...rest,
    result: {
      ...rest.result,
      _source: {
        ...source,
        ...(info === undefined
          ? {}
          : { _kuzzle_info: { ...info, updatedAt: "some time" } }),
      },
    },
  };
}
