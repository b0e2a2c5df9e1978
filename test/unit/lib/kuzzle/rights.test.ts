import type { KuzzleRequest, User } from "kuzzle";
import should from "should";
import { setImmediate as nextTurn } from "node:timers/promises";
import sinon from "sinon";

import {
  readProfilesAhead,
  Rights,
} from "../../../../lib/kuzzle/rights/Rights";
import { kuzzleRequest, userWith } from "../../../support/request";

const MGET = { controller: "document", action: "mGet" };

function asked(user: User | null, controller = "batch"): KuzzleRequest {
  return kuzzleRequest({ controller, index: "nyc" }, { user });
}

describe("Rights", () => {
  it("[R5] are decided by profiles that are read once, however many collections there are", async () => {
    const user = userWith(({ collection }) => collection === "yellow");
    const request = asked(user);
    const rights = await Rights.of(request, [MGET]);

    should(rights.allow(MGET, "nyc", "yellow")).be.true();
    should(rights.allow(MGET, "nyc", "green")).be.false();
    should((user.getProfiles as sinon.SinonSpy).callCount).equal(1);
  });

  it("[R5] use what was read ahead for the same request, and for no other", async () => {
    const user = userWith(() => true);
    const reads = (): number => (user.getProfiles as sinon.SinonSpy).callCount;
    const request = asked(user);
    should(await readProfilesAhead(request)).equal(request);
    await Rights.of(request, [MGET]);
    should(reads()).equal(1);

    await Rights.of(asked(user), [MGET]);
    should(reads()).equal(2);
  });

  it("are read ahead for our actions alone", async () => {
    const user = userWith(() => true);
    await readProfilesAhead(asked(user, "document"));
    await readProfilesAhead(asked(null));
    should((user.getProfiles as sinon.SinonSpy).callCount).equal(0);
  });

  it("[R5] allow nothing that was not asked for, and nothing without a user", async () => {
    const rights = await Rights.of(asked(null), [MGET]);
    should(rights.allow(MGET, "nyc", "yellow")).be.false();
    should(rights.allow({ ...MGET }, "nyc", "yellow")).be.false();
  });

  it("[R5] are those of the user that the request has at last", async () => {
    const request = asked(userWith(() => true));
    await readProfilesAhead(request);
    // a pipe lets the request be somebody else's
    request.context.user = userWith(() => false, "breen") as never;
    const rights = await Rights.of(request, [MGET]);
    should(rights.allow(MGET, "nyc", "yellow")).be.false();
  });

  it("[R5] are read again where they could not be read ahead", async () => {
    const user = userWith(() => true);
    const getProfiles = user.getProfiles.bind(user);
    user.getProfiles = () => Promise.reject(new Error("Redis is away"));
    const request = asked(user);
    await readProfilesAhead(request);
    await nextTurn();

    user.getProfiles = getProfiles;
    const rights = await Rights.of(request, [MGET]);
    should(rights.allow(MGET, "nyc", "yellow")).be.true();
  });

  it("[R5] fail when the profiles can't be read, ahead or not", async () => {
    const user = userWith(() => true);
    user.getProfiles = () => Promise.reject(new Error("Redis is gone"));
    const request = asked(user);
    await readProfilesAhead(request);
    await Rights.of(request, [MGET]).should.be.rejectedWith("Redis is gone");
  });
});
