import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import should from "should";

import {
  countScenarios,
  countSum,
  countUnitTests,
  exitCode,
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

      should(count(messages)).eql({ passed: 1, failed: 0 });
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

        should(count(messages, 1)).eql({ passed: 0, failed: 1 });
      });
    }

    it("fails one in which nothing ran", () => {
      should(count([end("a")])).eql({ passed: 0, failed: 1 });
    });

    it("counts a repeated scenario once, as it ended", () => {
      const messages = [
        ...[step("a", "FAILED"), end("a", true)],
        ...[step("b", "PASSED"), end("b")],
      ];

      should(count(messages)).eql({ passed: 1, failed: 0 });
    });

    it("tells scenarios apart that run side by side", () => {
      const messages = [
        ...[step("a", "PASSED"), step("b", "FAILED")],
        ...[step("a", "PASSED"), end("a"), end("b")],
      ];

      should(count(messages, 1)).eql({ passed: 1, failed: 1 });
    });

    it("takes a run that failed by itself for a failure", () => {
      const messages = [step("a", "PASSED"), end("a")];

      should(count(messages, 2)).eql({ passed: 1, failed: 1 });
    });

    it("takes a run without a report for a failure when it failed", () => {
      should(countScenarios(report(), 1)).eql({ passed: 0, failed: 1 });
    });
  });

  describe("of mocha's output", () => {
    it("reads what passed and what failed", () => {
      const output = "\n  ․․․!\n\n  1203 passing (3s)\n  2 failing\n\n  1) x\n";

      should(countUnitTests(output, 2)).eql({ passed: 1203, failed: 2 });
    });

    it("takes a pending test for one that failed", () => {
      const output = "\n  3 passing (1s)\n  1 pending\n";

      should(countUnitTests(output, 0)).eql({ passed: 3, failed: 1 });
    });

    it("takes a run that failed by itself for a failure", () => {
      should(countUnitTests("Error: no such file", 1)).eql({
        passed: 0,
        failed: 1,
      });
    });
  });

  describe("of a script that sums up itself", () => {
    it("reads the last sum", () => {
      const output = "1 passed, 0 failed\n✓ more\n7 passed, 1 failed\n";

      should(countSum(output, 1)).eql({ passed: 7, failed: 1 });
    });

    it("takes a run that failed by itself for a failure", () => {
      should(countSum("7 passed, 0 failed\n", 1)).eql({
        passed: 7,
        failed: 1,
      });
      should(countSum("Error: no such file", 1)).eql({ passed: 0, failed: 1 });
    });
  });

  it("is a success when something passed and nothing failed", () => {
    should(exitCode({ passed: 1, failed: 0 })).equal(0);
    should(exitCode({ passed: 1, failed: 1 })).equal(1);
    should(exitCode({ passed: 0, failed: 0 })).equal(1);
  });
});
