import type { User } from "kuzzle";
import should from "should";
import sinon from "sinon";

import { Access } from "../../../../lib/kuzzle/rights/Access";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
  type Needed,
} from "../../../support/request";

const NATIVE = { controller: "document", action: "mGet" } as const;
const OWN = "batch:batchGet";
const NATIVE_RIGHT = "document:mGet";

const INDEXES = { nyc: ["yellow", "green", "red"], empty: [] };

function requestOf(user: User | null, extra: Record<string, unknown> = {}) {
  return kuzzleRequest({ index: "nyc", ...extra }, { user });
}

/** A user who may read some collections, and nothing else. */
function readerOf(...collections: string[]): User {
  return userWith(
    ({ right, collection }) =>
      right === OWN ||
      (right === NATIVE_RIGHT && collections.includes(String(collection))),
  );
}

function forbidden(right: string) {
  return {
    status: 403,
    id: "security.rights.forbidden",
    message: new RegExp(`"${right}"`),
  };
}

describe("Access.assertCollections", () => {
  function assertCollections(user: User | null, ...collections: string[]) {
    const kuzzle = kuzzleServices(INDEXES);
    const done = new Access(kuzzle).assertCollections(
      requestOf(user),
      NATIVE,
      "nyc",
      collections,
    );
    return { kuzzle, done };
  }

  it("[R5] asks for the own right and the native one, for each collection", async () => {
    const asked: Needed[] = [];
    const user = userWith((needed) => {
      asked.push(needed);
      return true;
    });
    await assertCollections(user, "yellow", "green").done;

    should(asked).eql(
      ["yellow", "green"].flatMap((collection) =>
        [OWN, NATIVE_RIGHT].map((right) => ({
          right,
          index: "nyc",
          collection,
        })),
      ),
    );
  });

  it("[R5] rejects all of it for one collection without the native right", async () => {
    await assertCollections(
      readerOf("yellow"),
      "yellow",
      "green",
    ).done.should.be.rejectedWith({
      ...forbidden(NATIVE_RIGHT),
      message: /on "nyc:green"/,
    });
  });

  it("[R5] rejects a collection without the own right", async () => {
    const user = userWith(
      ({ right, collection }) => right !== OWN || collection === "yellow",
    );
    await assertCollections(
      user,
      "yellow",
      "green",
    ).done.should.be.rejectedWith(forbidden(OWN));
  });

  it("[R4, R5] looks for rights before existence, and so tells nothing of it", async () => {
    for (const collection of ["green", "does-not-exist"]) {
      const { kuzzle, done } = assertCollections(
        readerOf("yellow"),
        "yellow",
        collection,
      );
      await done.should.be.rejectedWith(forbidden(NATIVE_RIGHT));
      sinon.assert.notCalled(kuzzle.indexExists);
      sinon.assert.notCalled(kuzzle.collectionExists);
    }
  });

  it("[R5] is a 401 for anonymous, as native", async () => {
    const anonymous = userWith(() => false, "-1");
    await assertCollections(anonymous, "yellow").done.should.be.rejectedWith({
      status: 401,
      id: "security.rights.unauthorized",
    });
  });

  it("[R5] rejects a request without any user", async () => {
    await assertCollections(null, "yellow").done.should.be.rejectedWith({
      status: 403,
    });
  });

  const UNKNOWN = [
    "does-not-exist",
    "*",
    "y*",
    "yellow,green",
    "%yellow",
    "_all",
  ];
  for (const name of UNKNOWN) {
    it(`[R5] ${name} is no collection, even for who may do anything`, async () => {
      await assertCollections(
        userWith(() => true),
        name,
      ).done.should.be.rejectedWith({
        status: 412,
        id: "services.storage.unknown_collection",
      });
    });
  }

  for (const index of ["paris", "%kuzzle", "*", "nyc,paris"]) {
    it(`[R5] ${index} is no index, even for who may do anything`, async () => {
      await new Access(kuzzleServices(INDEXES))
        .assertCollections(requestOf(userWith(() => true)), NATIVE, index, [
          "yellow",
        ])
        .should.be.rejectedWith({
          status: 412,
          id: "services.storage.unknown_index",
        });
    });
  }

  it("[R5] holds the embedded SDK to rights only where the application says so", async () => {
    const access = new Access(kuzzleServices(INDEXES));
    const nobody = { protocol: "funnel", user: null };
    await access.assertCollections(
      kuzzleRequest({ index: "nyc" }, nobody),
      NATIVE,
      "nyc",
      ["yellow"],
    );
    await access
      .assertCollections(
        kuzzleRequest(
          { index: "nyc", __checkRights__: true },
          { protocol: "funnel", user: readerOf("green") },
        ),
        NATIVE,
        "nyc",
        ["yellow"],
      )
      .should.be.rejectedWith({ status: 403 });
  });

  it("[R5] lets no other protocol use the embedded SDK's freedom", async () => {
    for (const protocol of ["http", "websocket", "mqtt"]) {
      await new Access(kuzzleServices(INDEXES))
        .assertCollections(
          kuzzleRequest(
            { index: "nyc", __checkRights__: false },
            { protocol, user: readerOf() },
          ),
          NATIVE,
          "nyc",
          ["yellow"],
        )
        .should.be.rejectedWith({ status: 403 });
    }
  });
});

describe("Access.usableCollections", () => {
  function usable(user: User | null, index = "nyc") {
    return new Access(kuzzleServices(INDEXES)).usableCollections(
      requestOf(user, { index }),
      NATIVE,
      index,
    );
  }

  it("[R5] leaves out the collections without the right, and keeps the order", async () => {
    should(await usable(readerOf("red", "yellow"))).eql(["yellow", "red"]);
    should(await usable(userWith(() => true))).eql(INDEXES.nyc);
  });

  it("[R5] needs the own right for each collection, too", async () => {
    const user = userWith(
      ({ right, collection }) => right !== OWN || collection === "green",
    );
    should(await usable(user)).eql(["green"]);
  });

  it("[R5] is a 403 where none is readable, and a 401 for anonymous", async () => {
    await usable(readerOf("elsewhere")).should.be.rejectedWith(
      forbidden(NATIVE_RIGHT),
    );
    await usable(userWith(() => false, "-1")).should.be.rejectedWith({
      status: 401,
    });
  });

  it("[R4, R5] tells nobody without rights whether an index exists", async () => {
    for (const index of ["nyc", "empty", "paris"]) {
      await usable(readerOf(), index).should.be.rejectedWith(
        forbidden(NATIVE_RIGHT),
      );
    }
  });

  it("is a 412 for an index that does not exist, where the caller might use it", async () => {
    await usable(
      userWith(() => true),
      "paris",
    ).should.be.rejectedWith({
      status: 412,
      id: "services.storage.unknown_index",
    });
  });

  it("is no collection for an index that has none", async () => {
    should(
      await usable(
        userWith(() => true),
        "empty",
      ),
    ).eql([]);
  });
});
