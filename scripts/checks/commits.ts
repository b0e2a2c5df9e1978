/**
 * Checks that commit messages are Conventional Commits, as in Kuzzle's own
 * repositories, from the day on which this project adopted them: a date, because a
 * shallow clone may not contain a given commit.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";

const SINCE = "2026-11-27T05:05:00Z";

const SUBJECT =
  /^(build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(\([\w./-]+(, ?[\w./-]+)*\))?!?: \S.*[^\s.]$/;
const MAX_SUBJECT_LENGTH = 100;

/** Types whose reason is not obvious must have a body. */
const NEEDS_BODY = /^(feat|fix|perf|refactor|revert)\b/;

/** @returns the problems of a message, one sentence each */
export function problemsOf(message: string): string[] {
  const [subject = "", ...rest] = message.trimEnd().split("\n");
  const problems: string[] = [];
  if (!SUBJECT.test(subject)) {
    problems.push('the subject is not like "feat(mWrite): do a thing"');
  }
  if (subject.length > MAX_SUBJECT_LENGTH) {
    problems.push(
      `the subject is longer than ${MAX_SUBJECT_LENGTH} characters`,
    );
  }
  if (rest.length > 0 && rest[0] !== "") {
    problems.push("no empty line follows the subject");
  }
  if (rest.length === 0 && NEEDS_BODY.test(subject)) {
    problems.push("it has no body that says why");
  }
  return problems;
}

/** Abbreviated hash and message of each commit to check, newest first. */
function readCommits(): [hash: string, message: string][] {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["log", "--no-merges", `--since=${SINCE}`, "--format=%h%x00%B%x01"],
    {
      cwd: path.resolve(__dirname, "../.."),
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (status !== 0) {
    throw new Error(`git log failed: ${stderr.trim()}`);
  }
  return stdout
    .split("\x01")
    .map((entry) => entry.trimStart())
    .filter((entry) => entry !== "")
    .map((entry) => entry.split("\0") as [string, string]);
}

if (require.main === module) {
  const commits = readCommits();
  const wrong = commits.flatMap(([hash, message]) =>
    problemsOf(message).map(
      (problem) => `${hash} ${message.split("\n")[0]}: ${problem}`,
    ),
  );
  console.log([...wrong, `${commits.length} commits checked`].join("\n"));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
