/** What one node does and others must know. */
import assert from "node:assert/strict";

import { Kuzzle, WebSocket } from "kuzzle-sdk";

import { until } from "../until";
import type { Node } from "./nodes";

const INDEX = "cluster";

interface Notified {
  readonly type: string;
  readonly action: string;
  readonly event: string;
  readonly scope: string;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Subscribers at another node receive the same, including `_source`. */
export async function notificationsReachBoth(
  here: Node,
  there: Node,
): Promise<void> {
  const place = await newCollection(here, "notifications");
  await untilKnown(there, place);
  const far = await subscribe(there, place);
  await until("the subscription stays unknown", () => hasRooms(here, place));
  // the only subscriber is at the other node: mUpdate has to fetch sources for it
  await writeAll(here, place, "first");
  await until("the other node is not told", async () => far.told.length >= 9);

  const near = await subscribe(here, place);
  far.told.length = 0;
  await writeAll(here, place, "second");
  await until(
    "one of the two is not told",
    async () => near.told.length >= 9 && far.told.length >= 9,
  );
  const [told, toldThere] = [near, far].map(({ told }) => contents(told));
  assert.deepEqual(toldThere, told);
  const updated = toldThere?.filter(({ action }) => action === "update") ?? [];
  assert.ok(
    updated.length > 0 &&
      updated.every(({ _source }) => (_source as { n: number }).n === 1),
  );
  [near, far].forEach(({ close }) => close());
}

/** The other node's batches see a collection that one node creates, changes or deletes. */
export async function collectionsAreKnownToBoth(
  here: Node,
  there: Node,
): Promise<void> {
  const strict = (fields: readonly string[]): object => ({
    mappings: {
      dynamic: "strict",
      properties: Object.fromEntries(
        fields.map((name) => [name, { type: "integer" }]),
      ),
    },
  });
  const place = await newCollection(here, "changing", strict(["a"]));
  await untilKnown(there, place);
  const write = (name: string) =>
    there.client.query({
      ...{ controller: "batch", action: "mWrite", ...place },
      ...{
        strict: true,
        body: { documents: [{ _id: "x", body: { [name]: 1 } }] },
      },
    });
  assert.equal((await write("a")).status, 200);
  assert.equal((await write("b")).error?.id, "batch.write.refused");
  const found = await there.client.query({
    ...{ controller: "batch", action: "batchGet", index: INDEX },
    body: { ids: ["x"] },
  });
  const { documents } = found.result as { documents: object[] };
  assert.equal(documents.length, 1, "a new collection is searched");

  await here.client.ask({
    ...{ controller: "collection", action: "update", ...place },
    body: { mappings: { properties: { b: { type: "integer" } } } },
  });
  assert.equal((await write("b")).status, 200, "a new field is accepted");

  await here.client.ask({
    ...{ controller: "collection", action: "delete", ...place },
  });
  await until(
    "the deletion stays unknown",
    async () => !(await isKnown(there, place)),
  );
  assert.equal((await write("a")).status, 412);

  await here.client.createCollection(INDEX, place.collection, strict(["c"]));
  await untilKnown(there, place);
  const before = await write("a");
  assert.equal(before.status, 400, "a field of the former collection");
  assert.equal((await write("c")).status, 200);
}

/** Granted and revoked rights take effect at the other node as soon as they do natively. */
export async function rightsAreKnownToBoth(
  here: Node,
  there: Node,
): Promise<void> {
  const place = await newCollection(here, "rights");
  await untilKnown(there, place);
  const allow = (natively: object) =>
    here.client.ask({
      ...{ controller: "security", action: "createOrReplaceRole" },
      _id: "cluster-reader",
      body: {
        controllers: { batch: { actions: { batchGet: true } }, ...natively },
      },
    });
  const reading = { document: { actions: { mGet: true } } };
  await allow(reading);
  await here.client.ask({
    ...{ controller: "security", action: "createOrReplaceProfile" },
    _id: "cluster-reader",
    body: { policies: [{ roleId: "cluster-reader" }] },
  });
  await here.client.query({
    ...{ controller: "security", action: "createUser", _id: "cluster-reader" },
    body: {
      content: { profileIds: ["cluster-reader"] },
      credentials: {
        local: { username: "cluster-reader", password: "cluster-reader" },
      },
    },
  });
  const reader = await there.client.logInAs("cluster-reader");
  const body = { ids: ["x"] };
  const native = async (): Promise<number> =>
    (
      await reader.query({
        ...{ controller: "document", action: "mGet", ...place, body },
      })
    ).status;
  const ours = async (): Promise<number> =>
    (
      await reader.query({
        ...{ controller: "batch", action: "batchGet", ...place, body },
      })
    ).status;

  assert.equal(await ours(), 200);
  await allow({});
  await until("the right stays", async () => (await native()) === 403);
  assert.equal(await ours(), 403);
  await allow(reading);
  await until("the right stays away", async () => (await native()) !== 403);
  assert.equal(await ours(), 200);
}

interface Place {
  readonly index: string;
  readonly collection: string;
}

async function newCollection(
  { client }: Node,
  collection: string,
  body: object = {},
): Promise<Place> {
  await client.createCollection(INDEX, collection, body);
  return { index: INDEX, collection };
}

/** Kuzzle's own actions find it. */
async function isKnown({ client }: Node, place: Place): Promise<boolean> {
  const { status } = await client.query({
    ...{ controller: "document", action: "mGet", ...place },
    body: { ids: ["x"] },
  });
  return status !== 412;
}

function untilKnown(node: Node, place: Place): Promise<void> {
  return until("the collection stays unknown", () => isKnown(node, place));
}

async function hasRooms({ client }: Node, place: Place): Promise<boolean> {
  const rooms = (await client.ask({
    controller: "realtime",
    action: "list",
  })) as Record<string, Record<string, object> | undefined>;
  return rooms[place.index]?.[place.collection] !== undefined;
}

async function subscribe(
  { kuzzle, client }: Node,
  place: Place,
): Promise<{ readonly told: Notified[]; readonly close: () => void }> {
  const sdk = new Kuzzle(new WebSocket(kuzzle.host, { port: kuzzle.port }));
  await sdk.connect();
  sdk.jwt = client.token;
  const told: Notified[] = [];
  await sdk.realtime.subscribe(
    place.index,
    place.collection,
    { equals: { on: true } },
    (notification) => {
      const notified = notification as unknown as Notified;
      if (notified.type === "document") told.push(notified);
    },
  );
  return { told, close: () => sdk.disconnect() };
}

/** Each action, on three documents: written, changed, and deleted. */
async function writeAll(
  { client }: Node,
  place: Place,
  tag: string,
): Promise<void> {
  const ids = [1, 2, 3].map((n) => `${tag}-${n}`);
  const batch = { controller: "batch", ...place };
  const documents = ids.map((_id) => ({ _id, body: { on: true, n: 1 } }));
  await client.ask({
    ...{ ...batch, action: "mWrite", notify: true, atomic: true },
    body: { documents },
  });
  await client.ask({
    ...{ ...batch, action: "mUpdate" },
    body: { documents: ids.map((_id) => ({ _id, body: { seen: tag } })) },
  });
  await client.ask({
    ...{ ...batch, action: "batchWrite" },
    body: { operations: ids.map((_id) => ({ delete: { _id } })) },
  });
}

/** The contents, sorted, because notifications need not arrive in the same order. */
function contents(told: readonly Notified[]): Array<Record<string, unknown>> {
  return told
    .map(({ action, event, scope, result }) => {
      const { _id, _source, _updatedFields } = result;
      return { action, event, scope, _id, _source, _updatedFields };
    })
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
