import should from "should";

import { BatchError } from "../../../client/index";
import { inTurn, loseAnswer, loseRequest, rejectWith } from "./support/faults";
import { FakeKuzzleError } from "./support/FakePlugin";
import {
  batchOn,
  fakeClock,
  FakeSdk,
  networkError,
  type Fault,
} from "./support/FakeSdk";
import { documents } from "./support/writes";

const positionsOf = (list: readonly { position: number }[]): number[] =>
  list.map(({ position }) => position);

describe("the client on a connection that is lost", () => {
  for (const [name, faults] of Object.entries<Fault[]>({
    "before the server had the request": [loseRequest],
    "before the answer came": [loseAnswer],
    "again and again": [loseAnswer, loseRequest, loseAnswer, loseAnswer],
    "and the first request still runs": [
      loseAnswer,
      rejectWith("batch.idempotency.in_progress", 409),
      rejectWith("batch.idempotency.in_progress", 409),
    ],
    "to a server that is overloaded afterwards": [
      loseAnswer,
      rejectWith("api.process.overloaded", 503),
    ],
    "by a proxy's own page": [async () => "<html>502</html>"],
  })) {
    it(`writes once, for a user who is logged in: lost ${name}`, async () => {
      const sdk = new FakeSdk();
      inTurn(sdk, ...faults);

      const { successes, errors } = await batchOn(sdk).mWrite(
        "i",
        "c",
        documents(3),
      );

      should([successes.length, errors]).eql([3, []]);
      should(sdk.plugin.written).have.length(3);
      const keys = new Set(sdk.requests.map((each) => each.idempotencyKey));
      should(keys.size).equal(1);
      should(sdk.requests.map(({ body }) => body)).eql(
        Array(sdk.requests.length).fill({ documents: documents(3) }),
      );
    });
  }

  it("gives each request its own key, derived reproducibly from a caller's key", async () => {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);
    const send = (): Promise<unknown> =>
      batch.mWrite("i", "c", documents(6), {
        batchSize: 2,
        idempotencyKey: "import-7",
      });

    await send();
    await send();
    await batch.mWrite("i", "c", documents(4), { batchSize: 2 });

    const keys = sdk.requests.map((each) => each.idempotencyKey);
    should(keys.slice(0, 3)).eql(["import-7", "import-7:1", "import-7:2"]);
    should(keys.slice(3, 6)).eql(keys.slice(0, 3));
    should(sdk.plugin.written).have.length(10);
    const [one, other] = keys.slice(6);
    should(one).match(/^[0-9a-f]{32}$/);
    should(other).equal(`${one}:1`);
  });

  it("splits the same documents the same way with another token", async () => {
    const sdk = new FakeSdk({ limits: { maxRequestBytes: 4_000 } });
    const batch = batchOn(sdk);
    const send = (): Promise<unknown> =>
      batch.mWrite("i", "c", documents(300), { idempotencyKey: "k" });

    await send();
    sdk.auth = { authenticationToken: { userId: "alyx" } };
    sdk.jwt = "alyx-with-a-token-that-is-longer";
    await send().catch(() => undefined); // the stub uses the token as the user

    const counts = sdk.requests.map(({ body }) => body?.documents?.length);
    should(counts.slice(counts.length / 2)).eql(
      counts.slice(0, counts.length / 2),
    );
  });

  it("never repeats anonymous writes, and identifies unknown ones by assigned ids", async () => {
    const sdk = new FakeSdk({ user: null });
    inTurn(sdk, loseAnswer);
    const given = [{ body: { n: 0 } }, { _id: "mine", body: { n: 1 } }];

    const { successes, errors } = await batchOn(sdk).mWrite("i", "c", given);

    should(sdk.requests).have.length(1);
    should(sdk.requests[0]).not.have.property("idempotencyKey");
    should(successes).be.empty();
    should(errors).match([
      { position: 0, code: "unknown_outcome", retryable: false },
      { position: 1, code: "unknown_outcome", document: { _id: "mine" } },
    ]);
    const assigned = errors[0]?.document._id as string;
    should(assigned).match(/^[0-9a-f]{32}$/);
    should(sdk.plugin.state.get(`i/c/${assigned}`)).eql({ n: 0 });
    should(given[0]).not.have.property("_id");
  });

  it("sends for anonymous what surely was not executed", async () => {
    const sdk = new FakeSdk({ user: null });
    inTurn(
      sdk,
      async () => {
        throw new Error(
          "Unable to execute request: not connected to a Kuzzle server.\nDiscarded request: {}",
        );
      },
      async () => {
        throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
      },
      rejectWith("api.process.overloaded", 503),
      rejectWith("api.process.too_many_requests", 429),
    );

    const { successes } = await batchOn(sdk).mWrite("i", "c", documents(3));

    should(successes).have.length(3);
    should(sdk.plugin.written).have.length(3);
  });

  it("continues with later documents, except for ids that an unknown write could overwrite", async () => {
    const sdk = new FakeSdk({ user: null });
    inTurn(sdk, loseAnswer);
    const given = [...documents(4), { _id: "d1", body: { n: 9 } }];

    const { successes, errors } = await batchOn(sdk).mWrite("i", "c", given, {
      batchSize: 2,
      concurrency: 1,
    });

    should(successes.map(({ position }) => position)).eql([2, 3]);
    should(errors.map(({ position, code }) => [position, code])).eql([
      [0, "unknown_outcome"],
      [1, "unknown_outcome"],
      [4, "rejected"],
    ]);
  });

  it("continues if the node that had a request is dead, and reports its documents as unknown", async () => {
    const sdk = new FakeSdk();
    inTurn(sdk, loseRequest, rejectWith("batch.idempotency.abandoned", 500));

    const { successes, errors } = await batchOn(sdk).mWrite(
      "i",
      "c",
      documents(4),
      { batchSize: 2, concurrency: 1 },
    );

    should(positionsOf(successes)).eql([2, 3]);
    should(errors).match([
      { position: 0, code: "unknown_outcome", status: 500 },
      { position: 1, code: "unknown_outcome" },
    ]);
  });

  it("stops a strict call when something is unknown", async () => {
    const sdk = new FakeSdk({ user: null });
    inTurn(sdk, loseAnswer);

    const error = await batchOn(sdk)
      .mWrite("i", "c", documents(4), {
        strict: true,
        batchSize: 2,
        concurrency: 1,
      })
      .catch((reason: unknown) => reason as BatchError);

    should(error).match({
      id: "batch.client.outcome_unknown",
      errors: [{ position: 0 }, { position: 1 }],
      unprocessed: [2, 3],
    });
  });

  it("waits until it is connected again, as long as retryForMs says", async () => {
    const sdk = new FakeSdk();
    const clock = fakeClock();
    inTurn(sdk, async () => {
      sdk.connected = false;
      throw networkError();
    });
    const sleep = clock.sleep.bind(clock);
    let polls = 0;
    clock.sleep = async (ms) => {
      polls += 1;
      if (polls === 10) sdk.connected = true;
      await sleep(ms);
    };

    const { successes } = await batchOn(sdk, clock).mWrite(
      "i",
      "c",
      documents(2),
    );

    should(successes).have.length(2);
    should(polls).be.above(9);
  });

  it("stops retrying after retryForMs: what was sent is unknown, the rest was not sent", async () => {
    const sdk = new FakeSdk();
    const clock = fakeClock();
    inTurn(sdk, async () => {
      sdk.connected = false;
      throw networkError();
    });

    const error = await batchOn(sdk, clock)
      .mWrite("i", "c", documents(4), {
        batchSize: 2,
        concurrency: 1,
        retryForMs: 3_000,
      })
      .catch((reason: unknown) => reason as BatchError);

    should(error).match({
      id: "batch.client.disconnected",
      unprocessed: [2, 3],
      errors: [
        { position: 0, code: "unknown_outcome" },
        { position: 1, code: "unknown_outcome" },
      ],
    });
    should(clock.now()).be.within(6_000, 7_000);
  });

  for (const [id, status, outcome] of [
    ["api.process.overloaded", 503, { id: "api.process.overloaded" }],
    ["batch.idempotency.in_progress", 409, undefined],
  ] as const) {
    it(`stops asking a server that answers ${id} for ever`, async () => {
      const sdk = new FakeSdk();
      const clock = fakeClock();
      sdk.fault = (request, execute) =>
        request.action === "limits"
          ? execute()
          : rejectWith(id, status)(request, execute);

      const result: unknown = await batchOn(sdk, clock)
        .mWrite("i", "c", documents(1), { retryForMs: 20_000 })
        .catch((error: unknown) => error);

      should(clock.now()).be.within(20_000, 25_000);
      should(result).match(
        outcome ?? { errors: [{ code: "unknown_outcome", status: 409 }] },
      );
    });
  }

  for (const [name, leave] of Object.entries<(sdk: FakeSdk) => void>({
    "the program has disconnected": (sdk) =>
      sdk.emit("disconnected", { origin: "user/connection-closed" }),
    "the SDK could not log in again": (sdk) => sdk.emit("reconnectionError"),
    "the SDK is not to reconnect": (sdk) => {
      sdk.autoReconnect = false;
    },
  })) {
    it(`does not wait where ${name}`, async () => {
      const sdk = new FakeSdk();
      const clock = fakeClock();
      inTurn(sdk, async () => {
        sdk.connected = false;
        leave(sdk);
        throw networkError();
      });

      const { errors } = await batchOn(sdk, clock).mWrite(
        "i",
        "c",
        documents(1),
      );

      should(errors).match([{ code: "unknown_outcome" }]);
      should(clock.now()).be.below(1_000);
    });
  }

  it("fails at once if there never was a connection", async () => {
    const sdk = new FakeSdk();
    sdk.connected = false;
    sdk.protocol = { state: "offline" };
    const clock = fakeClock();

    await should(
      batchOn(sdk, clock).mWrite("i", "c", documents(1)),
    ).rejectedWith(BatchError as never, { id: "batch.client.disconnected" });
    should(clock.now()).equal(0);
  });

  it("adopts what the server reports about the first request", async () => {
    const sdk = new FakeSdk();
    inTurn(sdk, loseAnswer, async () => {
      throw new FakeKuzzleError("batch.write.refused", 400, [
        { position: 1, code: "invalid", document: {} },
      ]);
    });

    await should(
      batchOn(sdk).mWrite("i", "c", documents(3), { strict: true }),
    ).rejectedWith(BatchError as never, {
      id: "batch.write.refused",
      unprocessed: [0, 2],
    });
  });

  it("throws what the SDK throws at a request that it cannot send", async () => {
    const sdk = new FakeSdk();
    sdk.query = () => {
      throw new TypeError("Kuzzle.query: Invalid volatile argument received");
    };
    const batch = batchOn(sdk);
    batch.useLimits({
      maxRequestBytes: 10_000,
      documentsFetchCount: 1,
      documentsWriteCount: 1,
      maxLookups: 1,
      maxResponseBytes: 1,
      atomicMaxDocuments: 1,
      atomicMaxBytes: 1,
    });

    await should(batch.mWrite("i", "c", documents(1))).rejectedWith(
      BatchError as never,
      {
        id: "batch.client.broken_off",
        unprocessed: [0],
      },
    );
  });
});
