/** What is a fault of an action while an engine is in a state, and when it goes on. */
import should from "should";

import type { AnsweredRequest } from "../../load/history/Recorder";
import {
  type Expected,
  faultsOf,
  goesOnAfter,
  requestsWithin,
} from "../../load/states/expected";
import { ACTIONS, type Action } from "../../support/actions";

function request(
  action: Action,
  change: Partial<AnsweredRequest> = {},
): AnsweredRequest {
  return {
    ...{ action, from: 100, to: 110 },
    ...{ acknowledged: 5, refused: 0, unknown: 0 },
    ...change,
  };
}

function allOf(what: Expected[Action]): Expected {
  const entries = ACTIONS.map((action) => [action, what]);
  return Object.fromEntries(entries) as Expected;
}

const ALL = ACTIONS.map((action) => request(action));
const NONE = ACTIONS.map((action) =>
  request(action, { acknowledged: 0, refused: 3, unknown: 2 }),
);

describe("what is expected while an engine rejects", () => {
  it("holds where an action does what it should", () => {
    should(faultsOf(allOf("works"), ALL)).be.empty();
    should(faultsOf(allOf("partly"), [...ALL, ...NONE])).be.empty();
    should(faultsOf(allOf("stops"), NONE)).be.empty();
  });

  it("does not hold where nobody has tried", () => {
    for (const what of ["works", "partly", "stops"] as const) {
      should(faultsOf(allOf(what), [])).have.length(ACTIONS.length);
    }
  });

  it("does not hold where one document succeeds that must not, or none that must", () => {
    const one = request("mUpdate", { acknowledged: 1, refused: 4 });
    should(faultsOf(allOf("stops"), [...NONE, one])).match([/^mUpdate stops/]);
    should(faultsOf(allOf("works"), NONE)).have.length(ACTIONS.length);
  });

  it("takes a write that fails for one that a missing document may explain, and no read", () => {
    const failed = ACTIONS.map((action) => request(action, { refused: 1 }));
    should(faultsOf(allOf("works"), failed)).match([/^batchGet works/]);
  });

  it("leaves out requests that were under way when the state came or went", () => {
    const [early, late] = [
      request("mWrite", { from: 40 }),
      request("mWrite", { to: 210 }),
    ];
    const period = { from: 50, to: 200 };
    should(requestsWithin(period, [early, ...ALL, late])).eql(ALL);
  });

  it("tells when each action has had its first success", () => {
    const answers = [
      request("mWrite", { from: 90, to: 105 }),
      request("mWrite", { from: 100, to: 103, acknowledged: 0 }),
      request("mWrite", { from: 110, to: 150 }),
      request("mWrite", { from: 120, to: 140 }),
    ];
    should([...goesOnAfter(100, answers)]).eql([["mWrite", 40]]);
  });
});
