import should from "should";

import { SharedClock } from "../../../../lib/kuzzle/SharedClock";

/** A machine whose clock is ten minutes ahead, and a slow cache. */
function setUp({ answerMs = 20, fails = false } = {}) {
  const REAL = 1_700_000_000_000;
  let passed = 0;
  const failures: unknown[] = [];
  const clock = new SharedClock(
    async () => {
      passed += answerMs / 2;
      const time = REAL + passed;
      passed += answerMs / 2;
      if (fails) {
        throw new Error("no cache");
      }
      return time;
    },
    {
      wall: () => REAL + passed + 600_000,
      monotonic: () => passed + 7,
      sleep: () => new Promise(() => undefined),
    },
  );
  return {
    clock,
    failures,
    pass: (ms: number) => (passed += ms),
    ahead: () => clock.now() - (REAL + passed),
    start: () => clock.start((error) => failures.push(error)),
  };
}

describe("the clock that all nodes share", () => {
  it("[W3] is that of the cache, whatever the machine's own says", async () => {
    const { ahead, start, pass } = setUp();
    should(ahead()).equal(600_000);
    await start();
    should(ahead()).equal(0);
    pass(30_000);
    should(ahead()).equal(0);
  });

  it("[W3] learns nothing from an answer that took too long", async () => {
    const { ahead, start } = setUp({ answerMs: 1_500 });
    await start();
    should(ahead()).equal(600_000);
  });

  it("[W3] continues if the cache is unavailable", async () => {
    const { ahead, start, failures } = setUp({ fails: true });
    await start();
    should(ahead()).equal(600_000);
    should(failures).have.length(1);
  });
});
