import { existsSync, readFileSync } from "node:fs";

import {
  endOf,
  failureLines,
  mochaFailures,
  readFailureLines,
  scriptFailures,
  shortened,
} from "./failures";

/** The result of a number of tests: those that did not pass have failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** titles of failed tests with the reason, one line each */
  readonly failures: readonly string[];
}

export const NOTHING: Counts = { passed: 0, failed: 0, failures: [] };

export function add(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    failures: [...a.failures, ...b.failures],
  };
}

/** Prints the failures and the totals at the end of a task. */
export function summary(title: string, counts: Counts): string {
  const { passed, failed, failures } = counts;
  return `${failureLines(title, failures)}${title}: ${passed} passed, ${failed} failed`;
}

/** A run without any tests proves nothing. */
export function exitCode({ passed, failed }: Counts): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}

/**
 * Counts the scenarios in cucumber's message report. A scenario passes if each of its
 * steps does; an undefined, pending or skipped step does not. A run that failed without
 * a failed scenario (for example, an unreadable file) counts as one failure.
 */
export function countScenarios(report: string, code: number): Counts {
  const names = new Map<string, string>();
  const faults = new Map<string, string>();
  let counts = NOTHING;
  for (const message of existsSync(report) ? readMessages(report) : []) {
    const { pickle, testCase, testCaseStarted, testStepFinished } = message;
    if (pickle) names.set(pickle.id, `${pickle.uri} › ${pickle.name}`);
    if (testCase) copy(names, testCase.pickleId, testCase.id);
    if (testCaseStarted) {
      copy(names, testCaseStarted.testCaseId, testCaseStarted.id);
    }
    if (testStepFinished) {
      const { testCaseStartedId: id, testStepResult } = testStepFinished;
      const { status, message: reason = status } = testStepResult;
      const fault = status === "PASSED" ? "" : shortened(reason);
      // steps after a failure are skipped
      faults.set(id, faults.get(id) || fault);
    }
    if (message.testCaseFinished && !message.testCaseFinished.willBeRetried) {
      const id = message.testCaseFinished.testCaseStartedId;
      const fault = faults.get(id) ?? "it has no steps";
      counts = add(
        counts,
        fault === ""
          ? { ...NOTHING, passed: 1 }
          : failure(`${names.get(id) ?? id}: ${fault}`),
      );
    }
  }
  return withExitCode(counts, code, "no scenario failed");
}

function copy(names: Map<string, string>, from: string, to: string): void {
  const name = names.get(from);
  if (name !== undefined) names.set(to, name);
}

/** The cucumber messages that matter here. */
interface Message {
  readonly pickle?: {
    readonly id: string;
    readonly uri: string;
    readonly name: string;
  };
  readonly testCase?: { readonly id: string; readonly pickleId: string };
  readonly testCaseStarted?: {
    readonly id: string;
    readonly testCaseId: string;
  };
  readonly testStepFinished?: {
    readonly testCaseStartedId: string;
    readonly testStepResult: {
      readonly status: string;
      readonly message?: string;
    };
  };
  readonly testCaseFinished?: {
    readonly testCaseStartedId: string;
    readonly willBeRetried: boolean;
  };
}

function readMessages(report: string): Message[] {
  return readFileSync(report, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Message);
}

/** Counts the tests of mocha's output ("12 passing (3s)", "1 failing"). */
export function countUnitTests(output: string, code: number): Counts {
  const read = (word: string) =>
    Number(new RegExp(`^\\s+(\\d+) ${word}\\b`, "m").exec(output)?.[1] ?? 0);
  const counts = {
    passed: read("passing"),
    failed: read("failing") + read("pending"),
    failures: mochaFailures(output),
  };
  return withExitCode(counts, code, endOf(output));
}

/** Counts by the last total that a script printed ("12 passed, 0 failed"). */
export function countSum(output: string, code: number): Counts {
  const sum = lastSum(output, /^(\d+) passed, (\d+) failed$/gm);
  const failures = scriptFailures(output);
  const isUntold = sum.failed > 0 && failures.length === 0;
  return withExitCode(
    { ...sum, failures: isUntold ? [endOf(output)] : failures },
    code,
    endOf(output),
  );
}

/** Counts by the last total of a task's part ("engine tests: 12 passed, 0 failed"). */
export function countPart(output: string, code: number): Counts {
  const sum = lastSum(output, /^[a-z ]+: (\d+) passed, (\d+) failed$/gm);
  return withExitCode(
    { ...sum, failures: readFailureLines(output) },
    code,
    endOf(output),
  );
}

function lastSum(output: string, sums: RegExp): Omit<Counts, "failures"> {
  const [, passed = 0, failed = 0] = [...output.matchAll(sums)].at(-1) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

/** A run that itself failed counts as one failure. */
function withExitCode(counts: Counts, code: number, why: string): Counts {
  return code !== 0 && counts.failed === 0
    ? add(counts, failure(`exit code ${code}: ${why}`))
    : counts;
}

function failure(text: string): Counts {
  return { passed: 0, failed: 1, failures: [text] };
}
