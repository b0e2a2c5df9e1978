import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import should from "should";

import {
  countPart,
  countScenarios,
  countSum,
  countUnitTests,
  exitCode,
  NOTHING,
  summary,
} from "../../../scripts/tasks/counts";

describe("the sum of a test run", () => {
  describe("of cucumber's messages", () => {
    let folder: string;
    const report = () => path.join(folder, "report.ndjson");

    const step = (id: string, status: string) => ({
      testStepFinished: { testCaseStartedId: id, testStepResult: { status } },
    });
    const end = (id: string, willBeRetried = false) => ({
      testCaseFinished: { testCaseStartedId: id, willBeRetried },
    });
    const count = (messages: object[], code = 0) => {
      const lines = messages.map((message) => JSON.stringify(message));
      writeFileSync(report(), `${lines.join("\n")}\n`);
      return countScenarios(report(), code);
    };

    beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "counts-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it("passes a scenario whose steps all pass", () => {
      const messages = [step("a", "PASSED"), step("a", "PASSED"), end("a")];

      should(count(messages)).containDeep({ passed: 1, failed: 0 });
    });

    for (const status of [
      "FAILED",
      "UNDEFINED",
      "PENDING",
      "SKIPPED",
      "AMBIGUOUS",
    ]) {
      it(`fails one with a step that is ${status}`, () => {
        const messages = [step("a", status), step("a", "PASSED"), end("a")];

        should(count(messages, 1)).containDeep({ passed: 0, failed: 1 });
      });
    }

    it("fails one in which nothing ran", () => {
      should(count([end("a")])).containDeep({ passed: 0, failed: 1 });
    });

    it("counts a repeated scenario once, as it ended", () => {
      const messages = [
        ...[step("a", "FAILED"), end("a", true)],
        ...[step("b", "PASSED"), end("b")],
      ];

      should(count(messages)).containDeep({ passed: 1, failed: 0 });
    });

    it("tells scenarios apart that run side by side", () => {
      const messages = [
        ...[step("a", "PASSED"), step("b", "FAILED")],
        ...[step("a", "PASSED"), end("a"), end("b")],
      ];

      should(count(messages, 1)).containDeep({ passed: 1, failed: 1 });
    });

    it("names a scenario that failed, and its first fault", () => {
      const fault = {
        testCaseStartedId: "started",
        testStepResult: { status: "FAILED", message: "Error: no\n  at step" },
      };
      const messages = [
        { pickle: { id: "pickle", uri: "a.feature", name: "does it" } },
        { testCase: { id: "case", pickleId: "pickle" } },
        { testCaseStarted: { id: "started", testCaseId: "case" } },
        { testStepFinished: fault },
        ...[step("started", "SKIPPED"), end("started")],
      ];

      should(count(messages, 1).failures).eql([
        "a.feature › does it: Error: no at step",
      ]);
    });

    it("takes a run that failed by itself for a failure", () => {
      const messages = [step("a", "PASSED"), end("a")];

      should(count(messages, 2)).containDeep({ passed: 1, failed: 1 });
    });

    it("takes a run without a report for a failure when it failed", () => {
      should(countScenarios(report(), 1)).containDeep({ passed: 0, failed: 1 });
    });
  });

  describe("of mocha's output", () => {
    it("reads what passed and what failed", () => {
      const output = "\n  ․․․!\n\n  1203 passing (3s)\n  2 failing\n\n  1) x\n";

      should(countUnitTests(output, 2)).containDeep({
        passed: 1203,
        failed: 2,
      });
    });

    it("names what failed, and why, in short", () => {
      const output = `
  ․․!!

  2 passing (3s)
  2 failing

  1) the store
       of documents
         keeps: all [W1]:

      AssertionError: expected 1 to equal 2
      + expected - actual

      -1
      +2

      at Context.<anonymous> (a.test.ts:1:1)

  2) the store
       "before each" hook for "x":
     Error: ${"long ".repeat(100)}
      at Context.<anonymous> (a.test.ts:2:1)
`;
      const [first, second = ""] = countUnitTests(output, 2).failures;

      should(first).equal(
        "the store › of documents › keeps: all [W1]: " +
          "AssertionError: expected 1 to equal 2 + expected - actual -1 +2",
      );
      should(second).startWith(
        'the store › "before each" hook for "x": Error: long long',
      );
      should(second).match(/^.{300,360}…$/);
    });

    it("takes a pending test for one that failed", () => {
      const output = "\n  3 passing (1s)\n  1 pending\n";

      should(countUnitTests(output, 0)).containDeep({ passed: 3, failed: 1 });
    });

    it("takes a run that failed by itself for a failure", () => {
      should(countUnitTests("Error: no such file", 1)).containDeep({
        passed: 0,
        failed: 1,
      });
    });
  });

  describe("of a script that sums up itself", () => {
    it("reads the last sum", () => {
      const output = "1 passed, 0 failed\n✓ more\n7 passed, 1 failed\n";

      should(countSum(output, 1)).containDeep({ passed: 7, failed: 1 });
    });

    it("has what the script says of its failures, or else its last lines", () => {
      const sum = "7 passed, 1 failed\n";

      should(countSum(`✗ round 3: torn\n${sum}`, 1).failures).eql([
        "round 3: torn",
      ]);
      should(countSum(`a table\n\n${sum}`, 1).failures).eql([
        "a table | 7 passed, 1 failed",
      ]);
    });

    it("takes a run that failed by itself for a failure", () => {
      should(countSum("7 passed, 0 failed\n", 1)).containDeep({
        passed: 7,
        failed: 1,
      });
      should(countSum("Error: no such file", 1)).containDeep({
        passed: 0,
        failed: 1,
      });
    });
  });

  it("is said after what failed", () => {
    const counts = { passed: 1, failed: 2, failures: ["a: x", "b: y"] };

    should(summary("unit tests", counts)).equal(
      "FAILED  unit tests › a: x\nFAILED  unit tests › b: y\n" +
        "unit tests: 1 passed, 2 failed",
    );
    should(countPart(summary("unit tests", counts), 1)).eql({
      ...counts,
      failures: ["unit tests › a: x", "unit tests › b: y"],
    });
  });

  it("is a success when something passed and nothing failed", () => {
    should(exitCode({ ...NOTHING, passed: 1 })).equal(0);
    should(exitCode({ ...NOTHING, passed: 1, failed: 1 })).equal(1);
    should(exitCode(NOTHING)).equal(1);
  });
});
