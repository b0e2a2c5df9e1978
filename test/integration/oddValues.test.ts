/**
 * Every argument of every action with values of every kind, as a user with rights on one of
 * two collections: over WebSocket, where arguments need not be text.
 */
import assert from "node:assert/strict";

import {
  createCollection,
  releaseCollection,
  userWho,
  writeDocuments,
} from "../../features/support/kuzzle";
import {
  type Answer,
  type KuzzleRequest,
  WebSocketTransport,
} from "../../features/support/transports";

const INDEX = "odd-values";
const SECRET = "what nobody may see";
const AT_ONCE = 20;

const VALUES: readonly unknown[] = [
  ...[null, 0, -1, 1.5, 1e308, true, "", "0", "true"],
  ...["__proto__", "constructor", "a\u0000b", "\ud800", "a".repeat(2000)],
  ...["*", "%odd-values", "secrets", "books,secrets", ["books", "secrets"]],
  ...[[], {}, [[]], [null], [{}], ["a", "a"], ["\udfff"], { length: 3 }],
  JSON.parse('{ "__proto__": { "polluted": true } }'),
  { toString: "secrets" },
  [{ _id: "a", collection: "secrets" }],
  [{ _id: null, body: {} }],
  [{ _id: "\ud800", body: {} }],
  [{ _id: "a", body: JSON.parse('{ "__proto__": 1 }') }],
  [{ update: { _id: "a", collection: "secrets", body: {} } }],
  [{ delete: { _id: "a", collection: ["books"] } }],
  [{ __proto__: null, constructor: { _id: "a", collection: "books" } }],
];

const PLACE = { index: INDEX, collection: "books" };
const IDS = { ids: ["a"] };
const DOCUMENTS = { documents: [{ _id: "a", body: { title: "A" } }] };
const WRITING = ["refresh", "strict", "source", "idempotencyKey"];

/** Valid requests, and their further arguments. */
const REQUESTS: ReadonlyArray<{
  readonly name: string;
  readonly sound: Record<string, unknown>;
  readonly others: readonly string[];
}> = [
  {
    name: "batch:batchGet",
    sound: { ...PLACE, body: IDS },
    others: ["source", "sourceExcludes", "strict", "format", "body.documents"],
  },
  {
    name: "batch:mWrite",
    sound: { ...PLACE, body: DOCUMENTS },
    others: [...WRITING, "notify", "atomic"],
  },
  {
    name: "batch:mUpdate",
    sound: { ...PLACE, body: DOCUMENTS },
    others: [...WRITING, "silent", "retryOnConflict"],
  },
  {
    name: "batch:batchWrite",
    sound: {
      ...PLACE,
      body: { operations: [{ update: { _id: "a", body: { title: "A" } } }] },
    },
    others: [...WRITING, "silent", "retryOnConflict", "atomic", "json"],
  },
  { name: "batch:limits", sound: {}, others: ["index", "collection"] },
  { name: "batch:metrics", sound: {}, others: ["index", "collection"] },
  { name: "batch/v1:mGet", sound: { ...PLACE, body: IDS }, others: [] },
  {
    name: "batch/v1:mUpdate",
    sound: { ...PLACE, body: DOCUMENTS },
    others: ["refresh", "retryOnConflict"],
  },
  {
    name: "batch/documents:batchGet",
    sound: { namespace: INDEX, body: { document_ids: ["a"] } },
    others: ["index", "body.return_presigned_urls"],
  },
];

const OURS = REQUESTS.map(({ name }) => name);
const NATIVE = ["document:mGet", "bulk:mWrite", "document:mUpdate"];

describe("odd values as arguments", function () {
  this.timeout(120_000);

  let socket: WebSocketTransport;
  let jwt: string;

  before(async () => {
    const settings = { index: { refresh_interval: "20ms" } };
    await createCollection(`${INDEX}:books`, undefined, settings);
    await createCollection(`${INDEX}:secrets`);
    await writeDocuments(`${INDEX}:books`, { a: { title: "A" } });
    await writeDocuments(`${INDEX}:secrets`, { a: { secret: SECRET } });
    jwt = await userWho([
      ...OURS.map((action) => ({ action, where: [] })),
      ...NATIVE.map((action) => ({ action, where: [`${INDEX}:books`] })),
    ]);
    socket = await WebSocketTransport.open();
  });

  after(async () => {
    await socket.close();
    await releaseCollection(`${INDEX}:books`, false);
    await releaseCollection(`${INDEX}:secrets`, false);
  });

  for (const { name, sound, others } of REQUESTS) {
    it(`[R5, R7] ${name} answers each, without a failure of its own and without a secret`, async () => {
      const named = Object.keys(sound).filter((key) => key !== "body");
      const inBody = Object.keys(sound.body ?? {}).map((key) => `body.${key}`);
      const requests = [...named, ...inBody, ...others].flatMap((place) =>
        VALUES.map((value) => withValue(name, sound, place, value)),
      );
      const answers: Answer[] = [];
      while (requests.length > 0) {
        const some = requests.splice(0, AT_ONCE);
        answers.push(
          ...(await Promise.all(
            some.map((request) => socket.send({ ...request, jwt })),
          )),
        );
      }
      for (const answer of answers) {
        const shown = JSON.stringify(answer);
        assert.ok(!(answer.status >= 500), shown);
        assert.ok(!shown.includes(SECRET), shown);
      }
      assert.ok(
        answers.some(({ error }) => !error),
        "none got through",
      );
      assert.ok(!("polluted" in {}));
    });
  }
});

function withValue(
  name: string,
  sound: Record<string, unknown>,
  place: string,
  value: unknown,
): KuzzleRequest {
  const [controller = "", action = ""] = name.split(":");
  const request: KuzzleRequest = {
    controller,
    action,
    ...structuredClone(sound),
  };
  const [first = "", key] = place.split(".");
  if (key === undefined) {
    request[first] = value;
  } else {
    request.body = { ...(request.body as object), [key]: value };
  }
  return request;
}
