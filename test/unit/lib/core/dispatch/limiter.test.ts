import fc from "fast-check";
import should from "should";

import { ConcurrencyLimiter } from "../../../../../lib/core/dispatch/ConcurrencyLimiter";

type Answer = "taken" | "rejected";

/** A call under the limiter that ends when the test says so. */
interface Call {
  readonly done: Promise<unknown>;
  started: boolean;
  end(answer: Answer): Promise<void>;
  fail(error: Error): Promise<void>;
}

function callUnder(limiter: ConcurrencyLimiter): Call {
  let resolve!: (answer: Answer) => void;
  let reject!: (error: Error) => void;
  const answer = new Promise<Answer>((onTaken, onFailed) => {
    resolve = onTaken;
    reject = onFailed;
  });
  const call: Call = {
    started: false,
    done: limiter
      .run(
        () => {
          call.started = true;
          return answer;
        },
        (given) => given === "rejected",
      )
      .catch((error: unknown) => error),
    end: async (given) => {
      resolve(given);
      await turns();
    },
    fail: async (error) => {
      reject(error);
      await turns();
    },
  };
  return call;
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
  }
}

async function callsUnder(
  limiter: ConcurrencyLimiter,
  count: number,
): Promise<Call[]> {
  const calls = Array.from({ length: count }, () => callUnder(limiter));
  await turns();
  return calls;
}

function started(calls: readonly Call[]): boolean[] {
  return calls.map((call) => call.started);
}

describe("ConcurrencyLimiter", () => {
  it("[W4] never has more under way than its limit, whatever is answered", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 6 }),
        fc.array(
          fc.record({
            answer: fc.constantFrom("taken", "rejected", "thrown"),
            turns: fc.nat(4),
          }),
          { maxLength: 40 },
        ),
        async (minimum, more, tasks) => {
          const limiter = new ConcurrencyLimiter(minimum, minimum + more);
          let running = 0;
          const order: number[] = [];

          await Promise.all(
            tasks.map((task, i) =>
              limiter
                .run(
                  async () => {
                    order.push(i);
                    running++;
                    should(running).be.belowOrEqual(minimum + more);
                    // who is done leaves a moment later
                    should(limiter.inflight).be.aboveOrEqual(running);
                    should(limiter.inflight).be.belowOrEqual(minimum + more);
                    for (let left = task.turns; left > 0; left--) {
                      await Promise.resolve();
                    }
                    running--;
                    if (task.answer === "thrown") {
                      throw new Error("thrown");
                    }
                    return task.answer;
                  },
                  (answer) => answer === "rejected",
                )
                .catch((error: Error) => {
                  should(error.message).equal("thrown");
                }),
            ),
          );
          should(order).eql([...tasks.keys()]);
          should(limiter.inflight).equal(0);
          should(limiter.limit).be.within(minimum, minimum + more);
        },
      ),
    );
  });

  it("[W4] lets calls start only as far as a lowered limit allows", async () => {
    const limiter = new ConcurrencyLimiter(1, 4);
    const calls = await callsUnder(limiter, 7);
    should(started(calls)).eql([true, true, true, true, false, false, false]);

    await calls[0]?.end("rejected");
    await calls[1]?.end("rejected");
    should(limiter.limit).equal(2);
    should(started(calls).lastIndexOf(true)).equal(3);

    await calls[2]?.end("rejected");
    should(started(calls)).eql([true, true, true, true, true, false, false]);
    should(limiter.inflight).equal(2);
  });

  it("[W4] halves once for one jam, however many calls tell of it", async () => {
    const limiter = new ConcurrencyLimiter(1, 8);
    const calls = await callsUnder(limiter, 8);
    for (const call of calls) {
      await call.end("rejected");
    }
    should(limiter.limit).equal(4);
  });

  it("[W4] halves again for a call that started after the last halving", async () => {
    const limiter = new ConcurrencyLimiter(1, 8);
    const limits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const [call] = await callsUnder(limiter, 1);
      await call?.end("rejected");
      limits.push(limiter.limit);
    }
    should(limits).eql([4, 2, 1, 1, 1]);
  });

  it("[W4] never falls below its minimum", async () => {
    const limiter = new ConcurrencyLimiter(3, 8);
    for (let i = 0; i < 4; i++) {
      const [call] = await callsUnder(limiter, 1);
      await call?.end("rejected");
    }
    should(limiter.limit).equal(3);
  });

  it("[W4] grows by about one for each round of calls, up to its maximum", async () => {
    const limiter = new ConcurrencyLimiter(1, 8);
    const [first] = await callsUnder(limiter, 1);
    await first?.end("rejected");
    should(limiter.limit).equal(4);

    const limits: number[] = [];
    for (let round = 0; round < 8; round++) {
      const calls = await callsUnder(limiter, limiter.limit);
      for (const call of calls) {
        await call.end("taken");
      }
      limits.push(limiter.limit);
    }
    limits.forEach((limit, i) => {
      should(limit - (limits[i - 1] ?? 4)).be.within(0, 1);
    });
    should(limits[0]).equal(4);
    should(limits.at(-1)).equal(8);
  });

  it("[W4] serves first who came first", async () => {
    const limiter = new ConcurrencyLimiter(1, 2);
    const calls = await callsUnder(limiter, 5);
    const order: number[] = [];
    for (let i = 0; i < calls.length; i++) {
      order.push(started(calls).lastIndexOf(true));
      await calls[i]?.end("taken");
    }
    should(order).eql([1, 2, 3, 4, 4]);
  });

  it("does not let a newcomer pass those who wait", async () => {
    const limiter = new ConcurrencyLimiter(1, 1);
    const [first, second] = await callsUnder(limiter, 2);
    await first?.end("taken");
    const [newcomer] = await callsUnder(limiter, 1);

    should(second?.started).be.true();
    should(newcomer?.started).be.false();
  });

  it("frees the place of a call that throws, and passes the error on", async () => {
    const limiter = new ConcurrencyLimiter(1, 1);
    const [first, second] = await callsUnder(limiter, 2);
    const error = new Error("cut");
    await first?.fail(error);

    should(await first?.done).equal(error);
    should(second?.started).be.true();
    await second?.end("taken");
    should(limiter.inflight).equal(0);
  });

  it("frees the place of a task that throws before it has begun", async () => {
    const limiter = new ConcurrencyLimiter(1, 1);
    await limiter
      .run(
        () => {
          throw new Error("at once");
        },
        () => false,
      )
      .should.be.rejectedWith("at once");

    should(limiter.inflight).equal(0);
  });
});
