import type { KuzzleRequest, User } from "kuzzle";
import should from "should";
import sinon from "sinon";

import { Rights } from "../../../../lib/kuzzle/rights/Rights";
import { kuzzleRequest, userWith } from "../../../support/request";

const MGET = { controller: "document", action: "mGet" };

function asked(user: User | null, controller = "batch"): KuzzleRequest {
  return kuzzleRequest({ controller, index: "nyc" }, { user });
}

describe("Rights", () => {
  it("[R5] are decided by profiles that are read once, however many collections there are", async () => {
    const user = userWith(({ collection }) => collection === "yellow");
    const request = asked(user);
    const rights = await Rights.of(request);

    should(rights.allow(MGET, "nyc", "yellow")).be.true();
    should(rights.allow(MGET, "nyc", "green")).be.false();
    should((user.getProfiles as sinon.SinonSpy).callCount).equal(1);
  });

  it("[R5] allow nothing that was not asked for, and nothing without a user", async () => {
    const rights = await Rights.of(asked(null));
    should(rights.allow(MGET, "nyc", "yellow")).be.false();
    should(rights.allow({ ...MGET }, "nyc", "yellow")).be.false();
  });

  it("[R5] are those of the user that the request has at last", async () => {
    const user = userWith(() => true);
    const request = asked(user);
    await Rights.of(request);
    // a pipe changes the request's user
    request.context.user = userWith(() => false, "breen") as never;
    const rights = await Rights.of(request);
    should(rights.allow(MGET, "nyc", "yellow")).be.false();
  });

  it("[R5] fail when the profiles cannot be read, and are read again then", async () => {
    const user = userWith(() => true);
    const getProfiles = user.getProfiles.bind(user);
    user.getProfiles = () => Promise.reject(new Error("Redis is gone"));
    const request = asked(user);
    await Rights.of(request).should.be.rejectedWith("Redis is gone");

    user.getProfiles = getProfiles;
    const rights = await Rights.of(request);
    should(rights.allow(MGET, "nyc", "yellow")).be.true();
  });
});
