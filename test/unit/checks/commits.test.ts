import should from "should";

import { problemsOf } from "../../../scripts/checks/commits";

describe("the check of commit messages", () => {
  for (const message of [
    "feat(mWrite): write upserts\n\nUsers ask for them.\n",
    "fix!: answer 409\n\nIt was a 500.",
    "test(mWrite): expect each document in the errors\n",
    "docs(config, errors): regenerate the pages",
  ]) {
    it(`takes ${JSON.stringify(message)}`, () => {
      should(problemsOf(message)).eql([]);
    });
  }

  for (const [what, message, problem] of [
    ["another kind of message", "Format a test", /like "feat/],
    ["an unknown type", "feature: add a thing\n\nWhy.", /like "feat/],
    ["a full stop", "test: add a thing.", /like "feat/],
    ["a long subject", `test: ${"long ".repeat(20)}x`, /longer than/],
    ["no empty line", "test: add a thing\nWhy.", /no empty line/],
    ["no reason", "fix: add a thing\n", /says why/],
  ] as const) {
    it(`rejects ${what}`, () => {
      const problems = problemsOf(message);
      should(problems).have.length(1);
      should(problems[0]).match(problem);
    });
  }
});
