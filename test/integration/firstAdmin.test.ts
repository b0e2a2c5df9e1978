/** Checks what `npm start` says about the rights on a new Kuzzle, which Kuzzle determines. */
import should from "should";

import {
  ADMIN,
  allowAnonymous,
  asAdmin,
  takeOver,
} from "../../features/support/kuzzle";
import {
  type Answer,
  type KuzzleRequest,
  query,
} from "../../features/support/transports";
import { RIGHTS } from "../../scripts/tasks/start";

const FIRST = { username: "first-admin", password: "first-admin" };

function security(action: string, rest: object = {}): KuzzleRequest {
  return { controller: "security", action, refresh: "wait_for", ...rest };
}

/** @param args `reset` or nothing: over HTTP, Kuzzle takes `reset: false` for a set flag */
function createFirstAdmin(args: { reset?: true }): Promise<Answer> {
  const body = { content: {}, credentials: { local: FIRST } };
  const _id = FIRST.username;
  return query(security("createFirstAdmin", { _id, body, ...args }));
}

async function mayAnonymousDoEverything(): Promise<boolean> {
  const { status } = await query(security("searchUsers", { body: {} }));
  return status === 200;
}

describe("the text of npm start", function () {
  this.timeout(30_000);

  it("is right: anonymous may do everything until the first administrator is created with reset", async () => {
    should(RIGHTS).match(
      /anonymous users may do everything until the\nfirst administrator is created with `reset`\.$/,
    );
    await allowAnonymous({ "*": ["*"] });
    await asAdmin(security("deleteUser", { _id: ADMIN.username }));

    should(await mayAnonymousDoEverything()).be.true();
    should((await createFirstAdmin({})).error).be.null();
    should(await mayAnonymousDoEverything()).be.true();
    await query(security("deleteUser", { _id: FIRST.username }));
    should((await createFirstAdmin({ reset: true })).error).be.null();
    should(await mayAnonymousDoEverything()).be.false();

    // restores the state for later tests
    const { result } = await query({
      controller: "auth",
      action: "login",
      strategy: "local",
      body: FIRST,
    });
    const { jwt } = result as { jwt: string };
    const body = {
      content: { profileIds: ["admin"] },
      credentials: { local: ADMIN },
    };
    const created = await query(
      security("createUser", { _id: ADMIN.username, body, jwt }),
    );
    should(created.error).be.null();
    await takeOver();
    await asAdmin(security("deleteUser", { _id: FIRST.username }));
  });
});
