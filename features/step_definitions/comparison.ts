/**
 * Runs the same updates with our action and the native one, and compares what subscribers receive.
 */
import assert from "node:assert/strict";

import { After, type DataTable, Given, Then, When } from "@cucumber/cucumber";
import { mapValues, omit } from "lodash";

import { splitAddress, storedSource } from "../support/engine";
import { seenByPipes, writeDocuments } from "../support/kuzzle";
import { assertMatches } from "../support/notation";
import { type Notification, Subscriber } from "../support/subscriber";
import type { BatchWorld } from "../support/world";

/** Two collections with the same content: one is written by us, the other by Kuzzle. */
const OURS = "library:ours";
const THEIRS = "library:theirs";

interface Pair {
  readonly ours: Subscriber;
  readonly theirs: Subscriber;
}

const subscribers = new Map<string, Pair>();

type Operation = Record<string, Record<string, unknown>>;

/** The outcome of an operation, in native terms. */
interface NativeOutcome {
  readonly version?: unknown;
  readonly status?: unknown;
  readonly reason?: unknown;
}

const written: {
  operation: Operation;
  ours: NativeOutcome;
  theirs: NativeOutcome;
}[] = [];

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

/** One request of ours for each list, and a native one for each operation in it. */
When(
  "both are written by the operations:",
  async function (this: BatchWorld, lists: string) {
    for (const operations of this.read(lists) as Operation[][]) {
      await writeBoth(this, operations);
    }
  },
);

Then(
  "both store the same, and had the same errors",
  async function (this: BatchWorld) {
    assert.ok(written.length > 0, "Nothing was written");
    for (const { operation, ours, theirs } of written) {
      const [{ _id }] = Object.values(operation) as [{ _id: string }];
      const [stored, expected] = await Promise.all(
        [OURS, THEIRS].map(async (address) =>
          withoutTimes(await storedSource(address, _id)),
        ),
      );

      assert.deepEqual(stored, expected, _id);
      assert.deepEqual(ours, theirs, JSON.stringify(operation));
    }
  },
);

Then("the application's pipes have seen the same of both", async () => {
  const [ours, theirs] = await Promise.all(
    [OURS, THEIRS].map(async (address) => {
      const seen = await seenByPipes(address);

      return seen.map((each) => asPipesSeeIt(each));
    }),
  );

  assert.ok(theirs !== undefined && theirs.length > 0, "Nothing was seen");
  assert.deepEqual(ours, theirs);
});

Then(
  "all subscribers were notified of the same by both, field for field",
  async () => {
    await compare((notification) => notification);
  },
);

Then(
  "all subscribers were notified of the same by both, except for _updatedFields",
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
  written.length = 0;
});

async function subscribe(name: string, filter: unknown): Promise<void> {
  subscribers.set(name, {
    ours: await Subscriber.to(OURS, filter),
    theirs: await Subscriber.to(THEIRS, filter),
  });
}

/** Over the same protocol, as the same user, with the same arguments. */
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

async function writeBoth(
  world: BatchWorld,
  operations: Operation[],
): Promise<void> {
  const [index, collection] = splitAddress(OURS);

  await world.send({
    controller: "batch",
    action: "batchWrite",
    index,
    collection,
    body: { operations: structuredClone(operations) },
  });
  const { results, errors } = world.result as {
    results: { position: number; op: string; _version: number }[];
    errors: { position: number; status: number; reason: string }[];
  };
  const outcomes = new Map<number, NativeOutcome>();

  for (const { position, op, _version } of results) {
    // natively, a delete has no version
    outcomes.set(position, op === "delete" ? {} : { version: _version });
  }
  for (const { position, status, reason } of errors) {
    outcomes.set(position, { status, reason });
  }
  for (const [position, operation] of operations.entries()) {
    written.push({
      operation,
      ours: outcomes.get(position) ?? {},
      theirs: await writeNatively(world, structuredClone(operation)),
    });
  }
}

async function writeNatively(
  world: BatchWorld,
  operation: Operation,
): Promise<NativeOutcome> {
  const [index, collection] = splitAddress(THEIRS);
  const [[op, document]] = Object.entries(operation) as [
    [string, Record<string, unknown>],
  ];

  await world.send({
    controller: op === "write" ? "bulk" : "document",
    action: `m${op[0]?.toUpperCase()}${op.slice(1)}`,
    index,
    collection,
    body:
      op === "delete" ? { ids: [document["_id"]] } : { documents: [document] },
  });
  const { successes, errors } = world.result as {
    successes: { _version?: number }[];
    errors: { status: number; reason: string }[];
  };
  const [error] = errors;

  if (error !== undefined) {
    return { status: error.status, reason: error.reason };
  }
  const version = successes[0]?._version;

  return version === undefined ? {} : { version };
}

async function compare(
  relevant: (notification: Notification) => unknown,
): Promise<void> {
  assert.ok(subscribers.size > 0, "Nobody is subscribed");
  for (const [name, { ours, theirs }] of subscribers) {
    const [heard = [], expected = []] = await Promise.all(
      [ours, theirs].map(async (subscriber) =>
        (await subscriber.notifications()).map(comparable),
      ),
    );

    assert.deepEqual(
      heard.map(relevant),
      expected.map(withoutEmptyBody).map(relevant),
      name,
    );
  }
}

/**
 * On Elasticsearch 8, Kuzzle adds an empty `body` to each deleted document to satisfy its type.
 * Neither the notification of a deletion on 7 nor ours has it.
 */
function withoutEmptyBody(notification: Notification): Notification {
  const { body, ...result } = notification.result;
  if (notification["action"] !== "delete" || body === undefined) {
    return notification;
  }
  assert.deepEqual(body, {});
  return { ...notification, result };
}

/** Without what differs between requests: which, when and where. */
function comparable(notification: Notification): Notification {
  const { requestId, timestamp, room, collection, ...rest } = notification;
  for (const value of [requestId, timestamp, room, collection]) {
    assert.notEqual(value, undefined);
  }

  return {
    ...rest,
    result: {
      ...notification.result,
      _source: withoutTimes(notification.result["_source"]),
    },
  };
}

/** Only the times at which documents were created or changed differ. */
function withoutTimes(source: unknown): unknown {
  const { _kuzzle_info: info, ...content } = (source ?? {}) as Record<
    string,
    Record<string, unknown>
  >;

  return info === undefined
    ? source
    : {
        ...content,
        _kuzzle_info: mapValues(info, (value, name) =>
          name.endsWith("At") && typeof value === "number"
            ? "some time"
            : value,
        ),
      };
}

/**
 * Kuzzle removes the metadata that was sent from the bodies of requests, and leaves its own in
 * those of failed updates.
 */
function asPipesSeeIt(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, each: unknown) => {
      switch (name) {
        case "_source":
          return withoutTimes(each);
        case "body":
        case "changes":
          return omit(each as object, "_kuzzle_info");
        default:
          return each;
      }
    }),
  );
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
