import should from "should";

import { BatchError } from "../../../client/index";
import { inTurn, loseAnswer, rejectWith } from "./support/faults";
import { batchOn, FakeSdk, networkError } from "./support/FakeSdk";
import { documents } from "./support/writes";

describe("the session that the client writes in", () => {
  it("reports an error if the session in a cookie cannot be checked", async () => {
    const sdk = new FakeSdk({ user: null });
    sdk.cookieAuthentication = true;
    sdk.auth.checkToken = async () => {
      throw networkError();
    };

    await should(batchOn(sdk).mWrite("i", "c", documents(1))).rejectedWith(
      BatchError as never,
      { id: "batch.client.disconnected" },
    );
  });

  it("does not send again as another user", async () => {
    const sdk = new FakeSdk();
    inTurn(sdk, async (_request, execute) => {
      await execute();
      sdk.jwt = "barney";
      throw networkError();
    });

    const { errors } = await batchOn(sdk).mWrite("i", "c", documents(1));

    should(errors).match([{ code: "unknown_outcome" }]);
    should(sdk.requests).have.length(1);
  });

  it("has the application log in again when the token has expired, once for all requests", async () => {
    const sdk = new FakeSdk();
    let logins = 0;
    let isExpired = true;
    sdk.authenticator = async () => {
      logins += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      isExpired = false;
    };
    sdk.fault = (request, execute) =>
      isExpired && request.action !== "limits"
        ? rejectWith("security.token.expired", 401)(request, execute)
        : execute();

    const { successes } = await batchOn(sdk).mWrite("i", "c", documents(8), {
      batchSize: 2,
    });

    should(successes).have.length(8);
    should(logins).equal(1);
  });

  it("is rejected when the token has expired and a new login is impossible", async () => {
    const sdk = new FakeSdk();
    inTurn(sdk, rejectWith("security.token.expired", 401));

    await should(batchOn(sdk).mWrite("i", "c", documents(1))).rejectedWith(
      BatchError as never,
      {
        id: "security.token.expired",
        status: 401,
        unprocessed: [0],
      },
    );
  });

  it("leaves a lost request unknown if its repeat is rejected before the key is looked up", async () => {
    const sdk = new FakeSdk();
    inTurn(sdk, loseAnswer, rejectWith("security.rights.forbidden", 403));

    const { errors } = await batchOn(sdk).mWrite("i", "c", documents(1));

    should(errors).match([{ code: "unknown_outcome" }]);
  });

  it("has a key for a session that is kept in a cookie", async () => {
    const sdk = new FakeSdk({ user: null });
    sdk.cookieAuthentication = true;
    sdk.cookieUser = "alyx";
    inTurn(sdk, loseAnswer);

    const { successes } = await batchOn(sdk).mWrite("i", "c", documents(1));

    should(successes).have.length(1);
    should(sdk.plugin.written).have.length(1);
  });
});
