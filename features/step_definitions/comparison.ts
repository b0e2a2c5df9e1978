/** The same updates by our action and by the native one, and what subscribers hear of either. */
import assert from "node:assert/strict";

import { After, type DataTable, Given, Then, When } from "@cucumber/cucumber";

import { splitAddress } from "../support/engine";
import { writeDocuments } from "../support/kuzzle";
import { assertMatches } from "../support/notation";
import { type Notification, Subscriber } from "../support/subscriber";
import type { BatchWorld } from "../support/world";

/** Two collections that begin alike: one is written by us, the other by Kuzzle. */
const OURS = "library:ours";
const THEIRS = "library:theirs";

interface Pair {
  readonly ours: Subscriber;
  readonly theirs: Subscriber;
}

const subscribers = new Map<string, Pair>();

Given(
  "two collections with the same documents:",
  async function (this: BatchWorld, documents: string) {
    for (const address of [OURS, THEIRS]) {
      await this.needCollection(address);
      await writeDocuments(
        address,
        this.read(documents) as Record<string, unknown>,
      );
    }
  },
);

Given(
  "on both of them subscribers with the filters:",
  async function (this: BatchWorld, filters: DataTable) {
    for (const [name = "", filter = ""] of filters.raw()) {
      await subscribe(name, this.read(filter));
    }
  },
);

When(
  "both are updated by requests with the bodies:",
  async function (this: BatchWorld, bodies: string) {
    for (const body of this.read(bodies) as unknown[]) {
      await update(this, body);
    }
  },
);

Then(
  "all subscribers were notified of the same by both, field for field",
  async () => {
    await compare((notification) => notification);
  },
);

Then(
  "all subscribers were notified of the same by both, but for _updatedFields",
  async () => {
    await compare(({ result, ...rest }) => ({
      ...rest,
      result: { ...result, _updatedFields: "each by its own" },
    }));
  },
);

Then(
  "{word} was notified by us of:",
  async function (this: BatchWorld, name: string, expected: string) {
    assertMatches(
      await pair(name).ours.notifications(),
      this.read(expected),
      name,
    );
  },
);

After(async () => {
  for (const { ours, theirs } of subscribers.values()) {
    await Promise.all([ours.close(), theirs.close()]);
  }
  subscribers.clear();
});

async function subscribe(name: string, filter: unknown): Promise<void> {
  subscribers.set(name, {
    ours: await Subscriber.to(OURS, filter),
    theirs: await Subscriber.to(THEIRS, filter),
  });
}

/** Over the same protocol, by the same user, with the same arguments. */
async function update(world: BatchWorld, body: unknown): Promise<void> {
  // over HTTP it is a header
  const volatile =
    world.parameters.protocol === "http" ? {} : { volatile: { from: "here" } };

  for (const [controller, address] of [
    ["batch", OURS],
    ["document", THEIRS],
  ] as const) {
    const [index, collection] = splitAddress(address);

    await world.send({
      controller,
      action: "mUpdate",
      index,
      collection,
      body: structuredClone(body),
      ...volatile,
    });
    assert.equal(world.answer.error, null);
  }
}

async function compare(
  relevant: (notification: Notification) => unknown,
): Promise<void> {
  assert.ok(subscribers.size > 0, "Nobody is subscribed");
  for (const [name, { ours, theirs }] of subscribers) {
    const [heard, expected] = await Promise.all(
      [ours, theirs].map(async (subscriber) =>
        (await subscriber.notifications()).map((notification) =>
          relevant(comparable(notification)),
        ),
      ),
    );

    assert.deepEqual(heard, expected, name);
  }
}

/** Without what differs from one request to the next: which, when and where. */
function comparable(notification: Notification): Notification {
  const { requestId, timestamp, room, collection, ...rest } = notification;
  const source = notification.result["_source"] as Record<string, unknown>;
  const info = source["_kuzzle_info"] as Record<string, unknown>;

  for (const value of [requestId, timestamp, room, collection]) {
    assert.notEqual(value, undefined);
  }
  assert.equal(typeof info["updatedAt"], "number");

  return {
    ...rest,
    result: {
      ...notification.result,
      _source: {
        ...source,
        _kuzzle_info: { ...info, updatedAt: "some time" },
      },
    },
  };
}

function pair(name: string): Pair {
  const found = subscribers.get(name);

  assert.ok(found !== undefined, `Nobody is called ${name}`);

  return found;
}

When("{word} leaves both", async (name: string) => {
  const { ours, theirs } = pair(name);

  await Promise.all([ours.close(), theirs.close()]);
  subscribers.delete(name);
});

When(
  "{word} comes back with the filter:",
  async function (this: BatchWorld, name: string, filter: string) {
    await subscribe(name, this.read(filter));
  },
);
