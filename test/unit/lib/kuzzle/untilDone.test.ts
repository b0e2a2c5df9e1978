import should from "should";

import { untilDone } from "../../../../lib/kuzzle/untilDone";

describe("what has to be done some time", () => {
  it("[W3] is tried until it works, with longer pauses", async () => {
    const failures: unknown[] = [];
    const pauses: number[] = [];
    let tries = 0;
    await untilDone(
      async () => {
        if (++tries < 8) {
          throw new Error(`try ${tries}`);
        }
      },
      (error) => failures.push(error),
      async (ms) => void pauses.push(ms),
    );

    should(failures).have.length(7);
    should(pauses).eql([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });
});
