/** The tables of histories: what counts as a fault, and where it appears. */
import should from "should";

import { noCounts } from "../../load/history/Recorder";
import type { RoundResult } from "../../load/history/round";
import { crossTableOf, tableOf } from "../../load/history/tables";

const sound: RoundResult = {
  counts: new Map([
    ["mWrite", { ...noCounts(), requests: 2, acknowledged: 9, longestMs: 30 }],
  ]),
  violations: [],
  stuck: 0,
};
const faulty: RoundResult = {
  counts: new Map([
    ["mWrite", { ...noCounts(), requests: 1, unaccounted: 1, longestMs: 10 }],
    ["atomic", { ...noCounts(), requests: 3, hung: 2, cut: 1 }],
  ]),
  violations: [{ kind: "torn", _id: "a", action: "atomic", details: "" }],
  stuck: 1,
};

/** The cells below the head, by column. */
function rowsOf(lines: string): Array<Record<string, string>> {
  const [head = [], , ...rows] = lines
    .split("\n")
    .map((line) => line.split(" | ").map((cell) => cell.replace(/\W/g, "")));
  return rows.map((cells) =>
    Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ""])),
  );
}

describe("the tables of histories", () => {
  it("count every violation, and what is unaccounted, hung or stuck, as a fault", () => {
    should(tableOf("fault", [["none", sound]]).faults).equal(0);
    const { lines, faults } = tableOf("fault", [["kill", faulty]]);
    should(faults).equal(5);
    should(rowsOf(lines)).match([
      {
        fault: "kill",
        requests: "4",
        cut: "1",
        hung: "2",
        torn: "1",
        stuck: "1",
      },
    ]);
  });

  it("add up rounds of the same name", () => {
    const rounds = [sound, faulty, faulty].map(
      (each) => ["kill", each] as const,
    );
    const { lines, faults } = tableOf("fault", rounds);
    should(faults).equal(10);
    should(rowsOf(lines)).match([
      { requests: "10", longestMs: "30", torn: "2", stuck: "2" },
    ]);
    should(rowsOf(lines)).have.length(1);
  });

  it("add them up by action", () => {
    const rows = rowsOf(
      crossTableOf("fault", [
        ["kill", sound],
        ["kill", faulty],
      ]),
    ).filter(({ requests }) => requests !== "0");
    should(rows).match([
      {
        ...{ fault: "kill", action: "mWrite", requests: "3" },
        ...{ acknowledged: "9", unaccounted: "1", longestMs: "30", torn: "0" },
      },
      { fault: "kill", action: "atomic", requests: "3", hung: "2", torn: "1" },
    ]);
    should(rows).have.length(2);
  });
});
