import { existsSync, readFileSync } from "node:fs";

/** What came of a number of tests. What did not pass has failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export const NOTHING: Counts = { passed: 0, failed: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** A run in which nothing ran has proven nothing. */
export function exitCode({ passed, failed }: Counts): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}

/**
 * Counts the scenarios of cucumber's message report: one passes when each of its
 * steps does, an undefined, pending or skipped one does not. A run that failed
 * without a failed scenario (it could not read a file) counts as one failure.
 */
export function countScenarios(report: string, code: number): Counts {
  const worst = new Map<string, boolean>();
  let counts = NOTHING;
  for (const message of existsSync(report) ? readMessages(report) : []) {
    if (message.testStepFinished) {
      const { testCaseStartedId: id, testStepResult } =
        message.testStepFinished;
      worst.set(
        id,
        (worst.get(id) ?? true) && testStepResult.status === "PASSED",
      );
    }
    if (message.testCaseFinished && !message.testCaseFinished.willBeRetried) {
      const passed =
        worst.get(message.testCaseFinished.testCaseStartedId) ?? false;
      counts = add(counts, { passed: Number(passed), failed: Number(!passed) });
    }
  }
  return code !== 0 && counts.failed === 0
    ? add(counts, { passed: 0, failed: 1 })
    : counts;
}

/** The two kinds of cucumber's messages that matter here. */
interface Message {
  readonly testStepFinished?: {
    readonly testCaseStartedId: string;
    readonly testStepResult: { readonly status: string };
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
  };
  return code !== 0 && counts.failed === 0
    ? add(counts, { passed: 0, failed: 1 })
    : counts;
}

/** Counts by the last sum that a script has printed ("12 passed, 0 failed"). */
export function countSum(output: string, code: number): Counts {
  return countLast(output, /^(\d+) passed, (\d+) failed$/gm, code);
}

/** Counts by the last sum of a task for one part ("engine tests: 12 passed, 0 failed"). */
export function countPart(output: string, code: number): Counts {
  return countLast(output, /^[a-z ]+: (\d+) passed, (\d+) failed$/gm, code);
}

function countLast(output: string, sums: RegExp, code: number): Counts {
  const [, passed = 0, failed = 0] = [...output.matchAll(sums)].at(-1) ?? [];
  const counts = { passed: Number(passed), failed: Number(failed) };
  return code !== 0 && counts.failed === 0
    ? add(counts, { passed: 0, failed: 1 })
    : counts;
}
