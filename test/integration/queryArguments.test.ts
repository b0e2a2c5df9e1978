/**
 * Every text argument of every action with other types, over HTTP by way of `_query`, where
 * arguments need not be text either.
 */
import should from "should";

import {
  createCollection,
  releaseCollection,
  userWho,
} from "../../features/support/kuzzle";
import { query } from "../../features/support/transports";

const INDEX = "query-arguments";
const PLACE = { index: INDEX, collection: "books" };
const READ = { body: { ids: ["a"] } };
const WRITTEN = { body: { documents: [{ _id: "a", body: { title: "A" } }] } };
const OPERATIONS = {
  body: { operations: [{ write: { _id: "a", body: { title: "A" } } }] },
};

/** Values that cannot pass for text, and break code that takes them for it. */
const NO_TEXT: readonly unknown[] = [
  { toString: "x" },
  { toString: null, valueOf: null },
  JSON.parse('{ "__proto__": { "toString": "x" } }'),
  JSON.parse('{ "constructor": { "prototype": 1 } }'),
  {},
  [{ toString: "x" }],
  [[]],
  -1.5,
];

const REQUESTS: ReadonlyArray<{
  readonly name: string;
  readonly sound: Record<string, unknown>;
  readonly places: readonly string[];
}> = [
  {
    name: "batch:batchGet",
    sound: { ...PLACE, ...READ },
    places: [
      ...["index", "collection", "source", "sourceExcludes", "strict"],
      ...["format", "body.ids", "body.ids.0"],
    ],
  },
  {
    name: "batch:mWrite",
    sound: { ...PLACE, ...WRITTEN },
    places: [
      ...["index", "collection", "refresh", "notify", "source", "strict"],
      ...["atomic", "idempotencyKey", "body.documents", "body.documents.0"],
      ...["body.documents.0._id", "body.documents.0.ifAbsent"],
    ],
  },
  {
    name: "batch:mUpdate",
    sound: { ...PLACE, ...WRITTEN },
    places: [
      ...["index", "collection", "refresh", "retryOnConflict", "silent"],
      ...["source", "strict", "idempotencyKey", "body.documents"],
      ...["body.documents.0", "body.documents.0._id"],
    ],
  },
  {
    name: "batch:batchWrite",
    sound: { ...PLACE, ...OPERATIONS },
    places: [
      ...["index", "collection", "refresh", "silent", "source", "strict"],
      ...["atomic", "idempotencyKey", "retryOnConflict", "body.operations"],
      ...["body.operations.0", "body.operations.0.write"],
      ...["body.operations.0.write._id"],
      ...["body.operations.0.write.collection"],
    ],
  },
  {
    name: "batch/v1:mGet",
    sound: { ...PLACE, ...READ },
    places: ["index", "collection", "body.ids", "body.ids.0"],
  },
  {
    name: "batch/v1:mUpdate",
    sound: { ...PLACE, ...WRITTEN },
    places: ["index", "collection", "refresh", "retryOnConflict"],
  },
  {
    name: "batch/documents:batchGet",
    sound: { namespace: INDEX, body: { document_ids: ["a"] } },
    places: ["namespace", "body.document_ids", "body.document_ids.0"],
  },
];

describe("arguments of other types than text by way of _query", function () {
  this.timeout(120_000);
  let jwt: string;

  before(async () => {
    await createCollection(`${INDEX}:books`);
    jwt = await userWho(
      [
        ...REQUESTS.map(({ name }) => name),
        "document:mGet",
        "bulk:mWrite",
        "document:mUpdate",
      ].map((action) => ({ action, where: [] })),
    );
  });
  after(() => releaseCollection(`${INDEX}:books`, false));

  for (const { name, sound, places } of REQUESTS) {
    it(`[R7] ${name} names the place, and never fails itself`, async () => {
      const [controller = "", action = ""] = name.split(":");
      const odd: string[] = [];
      for (const place of places) {
        const parts = place.split(".").filter((part) => part !== "0");
        for (const value of NO_TEXT) {
          const request = {
            controller,
            action,
            ...withValue(sound, place, value),
          };
          const own = await query({ ...request, jwt });
          const anonymous = await query(request);
          const shown = JSON.stringify(own);
          const isRefused =
            shown.includes('"status":400') &&
            shown.includes(String(parts.at(-1)));
          if (!isRefused || !(anonymous.status < 500)) {
            odd.push(
              `${place} ${JSON.stringify(value)}: ${shown} ${anonymous.status}`.slice(
                0,
                300,
              ),
            );
          }
        }
      }
      should(odd).eql([]);
    });
  }
});

/** A copy of the request with the value at a path such as `body.ids.0`. */
function withValue(
  sound: Record<string, unknown>,
  place: string,
  value: unknown,
): Record<string, unknown> {
  const request = structuredClone(sound);
  const path = place.split(".");
  const last = path.pop() as string;
  let parent: any = request;
  for (const part of path) {
    parent = parent[part];
  }
  parent[last] = value;
  return request;
}
