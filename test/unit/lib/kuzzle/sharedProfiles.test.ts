import type { KuzzleRequest } from "kuzzle";
import should from "should";
import { setImmediate, setTimeout } from "node:timers/promises";

import { joinedReads } from "../../../../lib/kuzzle/rights/joinedReads";
import { Rights } from "../../../../lib/kuzzle/rights/Rights";
import {
  noteRateLimit,
  sharingProfiles,
} from "../../../../lib/kuzzle/rights/sharedProfiles";
import type { Profiles, User } from "../../../../lib/kuzzle/requestState";
import { kuzzleRequest, userWith } from "../../../support/request";

const MGET = { controller: "document", action: "mGet" };

/** Kuzzle's handling of profiles, for one request after the other. */
class Kuzzle {
  reads = 0;
  private current: KuzzleRequest | undefined;
  private readonly ask = sharingProfiles(
    async () => {
      this.reads++;
      await setTimeout(5);
      return this.profiles;
    },
    () => this.current,
  );
  private profiles!: Profiles;

  async user(allowed: boolean, kuid?: string): Promise<User> {
    const user = userWith(() => allowed, kuid) as unknown as User;
    this.profiles = await user.getProfiles();
    user.getProfiles = () => this.ask(user.profileIds);
    return user;
  }

  request(user: User | null, controller = "batch"): KuzzleRequest {
    return kuzzleRequest(
      { controller, index: "nyc" },
      {
        user: user as never,
      },
    );
  }

  /** Up to the first read of a new request. */
  allow(user: User): Promise<unknown> {
    this.current = this.request(user);
    return user.getProfiles();
  }

  /** What comes before the action: its right, the pipes, the rate limit. */
  async letIn(request: KuzzleRequest, pipe = (): void => undefined) {
    this.current = request;
    await request.context.user?.getProfiles();
    pipe();
    noteRateLimit(request);
    return this.ask(request.context.user?.profileIds ?? []);
  }
}

describe("Profiles", () => {
  it("[R5] are read once for a request to the plugin", async () => {
    const kuzzle = new Kuzzle();
    const request = kuzzle.request(await kuzzle.user(true));
    const [profile] = await kuzzle.letIn(request);
    should(profile).have.property("getPolicies");
    const rights = await Rights.of(request);

    should(rights.allow(MGET, "nyc", "yellow")).be.true();
    should(kuzzle.reads).equal(1);
  });

  it("[R5] are read for each request, though all have one user", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    for (const request of [kuzzle.request(user), kuzzle.request(user)]) {
      await kuzzle.letIn(request);
      await Rights.of(request);
    }
    should(kuzzle.reads).equal(2);
  });

  it("[R5] are read once for requests that come together, after all of them", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    const together = Array.from({ length: 5 }, () => kuzzle.allow(user));
    should(kuzzle.reads).equal(0);
    await Promise.all(together);
    should(kuzzle.reads).equal(1);
    // once it has begun, later callers must get the current state
    const early = kuzzle.allow(user);
    while (kuzzle.reads === 1) await setImmediate();
    await Promise.all([early, kuzzle.allow(user)]);
    should(kuzzle.reads).equal(3);
  });

  it("[R5] are read once more for all who come while they are being read, after that", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    const first = kuzzle.allow(user);
    while (kuzzle.reads === 0) await setImmediate();
    const next = [kuzzle.allow(user)];
    await setImmediate();
    next.push(kuzzle.allow(user));
    should(kuzzle.reads).equal(1);
    await first;
    await Promise.all(next);
    should(kuzzle.reads).equal(2);
  });

  it("[R5] are read again after a read that has failed", async () => {
    const reads: string[][] = [];
    const read = joinedReads(async (ids) => {
      reads.push([...ids]);
      await setImmediate();
      if (reads.length === 1) throw new Error("Redis is gone");
      return [];
    });
    const failed = read(["editor"]);
    while (reads.length === 0) await setImmediate();
    const next = read(["editor"]);
    await should(failed).be.rejectedWith("Redis is gone");
    should(await next).eql([]);
    should(await read(["editor"])).eql([]);
    should(reads).have.length(3);
  });

  it("[R5] are read for each list of them", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    const other = await kuzzle.user(true, "breen");
    other.profileIds = ["editor"];
    await Promise.all([kuzzle.allow(user), kuzzle.allow(other)]);
    should(kuzzle.reads).equal(2);
  });

  it("are read as often as ever for another controller", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    await kuzzle.letIn(kuzzle.request(user, "document"));
    await kuzzle.letIn(kuzzle.request(user, "batchelor"));
    should(kuzzle.reads).equal(4);
  });

  it("[R5] are read anew when a pipe gives the user others", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    const request = kuzzle.request(user);
    await kuzzle.letIn(request, () => user.profileIds.push("editor"));
    should(kuzzle.reads).equal(2);
  });

  it("[R5] are read anew when a pipe gives the request another user", async () => {
    const kuzzle = new Kuzzle();
    const request = kuzzle.request(await kuzzle.user(true));
    const other = await kuzzle.user(false, "breen");
    await kuzzle.letIn(request, () => {
      request.context.user = other;
    });
    const rights = await Rights.of(request);
    should(kuzzle.reads).equal(2);
    should(rights.allow(MGET, "nyc", "yellow")).be.false();
  });

  it("are read anew for whoever asks after the rate limit", async () => {
    const kuzzle = new Kuzzle();
    const user = await kuzzle.user(true);
    await kuzzle.letIn(kuzzle.request(user));
    await user.getProfiles();
    should(kuzzle.reads).equal(2);
  });
});
