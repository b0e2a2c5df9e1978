/**
 * Profiles × routes × ways of naming a collection, each compared with the native action's
 * response to the same user: no additional document, count, or knowledge of what exists.
 */
import assert from "node:assert/strict";

import _ from "lodash";

import { kuzzleUrl } from "../../features/support/environment";
import {
  createCollection,
  releaseCollection,
  userWho,
  writeDocuments,
} from "../../features/support/kuzzle";
import {
  type Answer,
  type KuzzleRequest,
  openTransport,
  query,
  type Transport,
} from "../../features/support/transports";
import { ask, collectionPath } from "./support/engine";
import {
  INDEX,
  OTHER_INDEX,
  COLLECTIONS,
  IDS,
  PROFILES,
  NAMES,
  ROUTES,
  ours,
  natively,
  type Route,
} from "./support/rightsCases";

describe("rights on batches and on native actions", function () {
  this.timeout(60_000);

  let http: Transport;
  const addresses = [
    ...COLLECTIONS.map((each) => `${INDEX}:${each}`),
    `${OTHER_INDEX}:letters`,
  ];

  before(async () => {
    http = await openTransport("http");
    for (const address of addresses) {
      await createCollection(address);
    }
  });

  beforeEach(fill);

  after(async () => {
    for (const address of addresses) {
      await releaseCollection(address, false);
    }
  });

  async function fill(): Promise<void> {
    for (const address of addresses) {
      const [, collection = ""] = address.split(":");
      await writeDocuments(address, {
        both: { at: collection },
        [`${collection}-1`]: { at: collection },
      });
    }
  }

  /** The stored state of the documents that the routes write. */
  async function changed(): Promise<string> {
    const found = await Promise.all(
      addresses.map(async (address) => {
        const [index = "", collection = ""] = address.split(":");
        const { docs } = await ask(
          "POST",
          collectionPath(index, collection, "_mget"),
          { ids: IDS },
        );
        return (docs as any[]).map(({ _version = 0 }) => Number(_version));
      }),
    );
    return JSON.stringify(found);
  }

  for (const [who, permissions] of Object.entries(PROFILES)) {
    describe(`of a user ${who}`, () => {
      let jwt: string | undefined;

      before(async () => {
        jwt = permissions && (await userWho(permissions));
      });

      const as = (request: KuzzleRequest): KuzzleRequest =>
        jwt === undefined ? request : { ...request, jwt };

      for (const [how, route] of Object.entries(ROUTES)) {
        it(`[R5] ${how}: no more than ${route.native}`, async () => {
          // in a URL, Kuzzle's router takes it for a missing name
          const names = NAMES.filter(
            (name) => route.byUrl !== true || !name.includes("*"),
          );
          for (const some of route.isWrite ? _.chunk(names, 1) : [names]) {
            await Promise.all(some.map((name) => compare(route, name)));
          }
        });
      }

      async function compare(
        route: Route,
        [index, collection]: readonly [string, string],
      ): Promise<void> {
        const place = `${index}:${collection}`;
        const before = route.isWrite ? await changed() : "";
        const asked = as(route.ask(index, collection));
        const answer = await (route.byUrl ? http.send(asked) : query(asked));
        const after = route.isWrite ? await changed() : "";
        const native = await query(
          as(natively(route.native, index, collection, route.isWrite)),
        );
        assertNoMore(answer, native, place, route.isWrite);
        if (answer.error !== null) {
          assert.equal(after, before, `${place} was written to`);
        }
      }

      it("[R5] batchGet in the whole index: no more than document:mGet in each of its collections", async () => {
        for (const index of new Set(NAMES.map(([each]) => each))) {
          const answer = await query(
            as(ours("batchGet", index, undefined, { ids: IDS })),
          );
          const native = await Promise.all(
            ["books", "films", "letters"].map((collection) =>
              query(as(natively("document:mGet", index, collection, false))),
            ),
          );
          if (native.every(({ error }) => error !== null)) {
            assert.notEqual(answer.error, null, `${index} was searched`);
          }
          const readable = native.flatMap((each) => documentsOf(each));
          for (const document of documentsOf(answer)) {
            assert.ok(
              readable.includes(document),
              `${index}: ${document} is none of ${readable.join()}`,
            );
          }
        }
      });

      it("[R5, G5] a stream starts if everything may be read, and has no more than that", async () => {
        const whole = [INDEX, undefined] as const;
        const inUrl = NAMES.filter((name) => !name.includes("*"));
        for (const [index, collection] of [...inUrl, whole]) {
          const plain = await query(
            as(ours("batchGet", index, collection, { ids: IDS })),
          );
          const { status, text } = await stream(index, collection, jwt);
          assert.equal(status, plain.status, `${index}:${collection}`);
          const lines = text.trim().split("\n");
          const documents = lines.filter((line) => line.includes('"_id"'));
          assert.equal(
            status === 200 ? documents.length : 0,
            documentsOf(plain).length,
            text,
          );
        }
      });

      it("[R5] existing and missing names are rejected with the same message", async () => {
        for (const route of Object.values(ROUTES)) {
          const [there, notThere] = await Promise.all(
            ["films", "ghosts"].map((collection) =>
              query(as(route.ask(INDEX, collection))),
            ),
          );
          if (there?.error && [401, 403].includes(there.status)) {
            // each names only the collection that the caller named
            const refusal = JSON.stringify(told(notThere as Answer));
            assert.equal(
              refusal.replaceAll(`${INDEX}:ghosts`, `${INDEX}:films`),
              JSON.stringify(told(there)),
            );
          }
        }
      });
    });
  }
});

async function stream(
  index: string,
  collection: string | undefined,
  jwt: string | undefined,
): Promise<{ status: number; text: string }> {
  const path = [index, collection]
    .filter((name) => name !== undefined)
    .map(encodeURIComponent);
  const response = await fetch(
    `${kuzzleUrl}/_/batch/${path.join("/")}/_batchGet?format=ndjson`,
    {
      method: "POST",
      body: JSON.stringify({ ids: IDS }),
      headers: {
        "content-type": "application/json",
        ...(jwt !== undefined && { authorization: `Bearer ${jwt}` }),
      },
    },
  );
  return { status: response.status, text: await response.text() };
}

/** What the native action rejects, ours must reject; what ours returns, it returns. */
function assertNoMore(
  answer: Answer,
  native: Answer,
  place: string,
  isWrite: boolean,
): void {
  const shown = `${place}: ${JSON.stringify(told(answer))}, natively ${JSON.stringify(told(native))}`;
  if (native.error !== null) {
    assert.notEqual(answer.error, null, shown);
    assert.equal(answer.error?.errors, undefined, shown);
    if ([401, 403].includes(native.status)) {
      assert.equal(answer.status, native.status, shown);
    }
    return;
  }
  const theirs = documentsOf(native, isWrite);
  for (const document of documentsOf(answer, isWrite)) {
    assert.ok(theirs.includes(document), shown);
  }
  if (answer.error !== null) {
    // the right to our own action is missing, or the name is a pattern
    assert.ok([401, 403, 400, 404, 412].includes(answer.status), shown);
  }
}

function told({ status, error, result }: Answer): unknown {
  return { status, id: error?.id, message: error?.message, result };
}

/** What the response says about documents; a writer knows their content anyway. */
function documentsOf({ result }: Answer, isWrite = false): string[] {
  const { documents, successes, results } = (result ?? {}) as {
    documents?: any[];
    successes?: any[];
    results?: any[];
  };
  return (documents ?? successes ?? results ?? []).map(({ _id, _source }) =>
    isWrite ? _id : `${_id} at ${_source.at}`,
  );
}
