import _ from "lodash";
import should from "should";

import { newRequestStats } from "../../../../../lib/core/RequestStats";
import { setUpLane } from "../../../../support/lanes";

describe("a lane with a collection that is slow", () => {
  const slow = { places: () => ["nyc/slow"] };

  it("[R12] lets nothing wait for it", async () => {
    const { ask, clock, calls, sent } = setUpLane();
    void ask(["a"]);
    await calls[0]?.answer();
    void ask(["s1"], slow);
    void ask(["s2"], slow);
    void ask(["b"]);
    void ask(["s3"], slow);
    should(sent()).eql([["a"], ["s1"], ["s2"]]);

    clock.ringAfter(200);
    should(sent().slice(3)).eql([["b"], ["s3"]]);
    await calls[3]?.answer();
    // known by now, it has a lane of its own
    void ask(["s4"], slow);
    void ask(["s5"], slow);
    void ask(["c"]);
    should(sent().slice(5)).eql([["s4"], ["c"]]);
  });

  it("[R12] leaves it at most half of the slots", async () => {
    const { ask, clock, calls, lane } = setUpLane({ max: 8 });
    void ask(["a"]);
    await calls[0]?.answer();
    const alone = { ...slow, kind: undefined };
    void ask(["s"], alone);
    clock.pass(5_000);
    await calls[1]?.answer();
    for (let i = 0; i < 9; i++) {
      void ask(["s"], { ...alone, stats: newRequestStats() });
    }
    should(lane.inflight).equal(4);
    void ask(["b"]);
    should(lane.inflight).equal(5);
  });

  it("[R12] keeps knowing it, also where no others make calls of its size", async () => {
    const { ask, clock, calls, sent } = setUpLane();
    void ask(["a"]);
    await calls[0]?.answer();
    for (let i = 1; i <= 15; i++) {
      void ask(["s", "s"], slow);
      clock.pass(2_000);
      await calls[i]?.answer();
    }
    void ask(["s", "s"], slow);
    void ask(["s", "s"], slow);
    void ask(["b"]);
    should(sent().slice(16)).eql([["s", "s"], ["s", "s"], ["b"]]);
  });

  it("[R12] knows it by a large call, too, where only smaller ones were made before", async () => {
    const { ask, clock, calls, sent } = setUpLane();
    void ask(["a"]);
    clock.pass(20);
    await calls[0]?.answer();
    const many = _.times(100, () => "s");
    void ask(many, slow);
    clock.pass(2_000);
    await calls[1]?.answer();
    void ask(["s"], slow);
    void ask(["s"], slow);
    void ask(["b"]);
    should(sent().slice(2)).eql([["s"], ["s"], ["b"]]);
  });

  it("[R12] considers usual what all calls take", async () => {
    const { ask, clock, calls, sent } = setUpLane();
    void ask(["a"]);
    await calls[0]?.answer();
    for (let i = 1; i <= 200; i++) {
      void ask(["a"]);
      clock.pass(2_000);
      await calls[i]?.answer();
    }
    void ask(["a"]);
    void ask(["s"], slow);
    void ask(["b"]);
    should(sent().slice(201)).eql([["a"], ["s"]]);
  });

  it("[R12] merges it with the others again once it is fast", async () => {
    const { ask, clock, calls, sent } = setUpLane();
    void ask(["a"]);
    await calls[0]?.answer();
    void ask(["s"], slow);
    clock.pass(5_000);
    await calls[1]?.answer();
    void ask(["s"], slow);
    await calls[2]?.answer();

    void ask(["b"]);
    void ask(["c"]);
    void ask(["s"], slow);
    void ask(["d"]);
    await calls[3]?.answer();
    should(sent().slice(5)).eql([["s", "d"]]);
  });
});
