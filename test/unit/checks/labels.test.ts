import should from "should";

import {
  contractLabels,
  featureTitles,
  judge,
  labelsIn,
  mochaTitles,
} from "../../../scripts/checks/labels";

const labels = { R1: "first", R2: "second", W2: "third" };

function title(text: string): { file: string; text: string } {
  return { file: "a.test.ts", text };
}

describe("the check of contract labels", () => {
  it("finds the labels in a title, and nothing else in brackets", () => {
    should(labelsIn("documents[3]._id is named [R7][W1], as [R2, R9] say")).eql(
      ["R7", "W1", "R2", "R9"],
    );
  });

  it("reads the contract's own labels at the start of its lines", () => {
    should(
      contractLabels(
        "- **R1** **Nothing lost.** as **R2** says\n**D1 Kuzzle v1**: text\n",
      ),
    ).eql(["R1", "D1"]);
  });

  it("gives a test the titles of the groups around it", () => {
    const titles = mochaTitles(
      "a.test.ts",
      `
      describe("group [R1]", () => {
        describe("empty [R2]", () => {});
        it.${"skip"}("left out [R2]", () => {});
        it("sound [W2]", () => { call("not a title [R2]"); });
      });
      // it("in a comment [R2]", () => {});
      `,
    );
    should(titles.flatMap(({ text }) => labelsIn(text))).eql(["R1", "W2"]);
  });

  it("reads the scenarios of a feature, and not its comments", () => {
    should(
      featureTitles(
        "a.feature",
        "Feature: F\n  # Scenario: none\n  Scenario: one\n  Scenario Outline: two\n",
      ).map(({ text }) => text),
    ).eql(["one", "two"]);
  });

  it("lists the labels without a test", () => {
    should(judge({ labels, delivered: [] }, [title("a [R1]")])).eql({
      problems: [],
      unguarded: ["R2", "W2"],
    });
  });

  it("fails for a delivered label that lost its last test", () => {
    const { problems } = judge({ labels, delivered: ["R1", "R2"] }, [
      title("a [R1]"),
    ]);
    should(problems).have.length(1);
    should(problems[0]).match(/no test names R2/);
  });

  it("fails for a title with an unknown label", () => {
    const { problems } = judge({ labels, delivered: [] }, [title("a [X9]")]);
    should(problems).have.length(1);
    should(problems[0]).match(/a\.test\.ts: unknown label X9/);
  });

  it("fails for an unknown label in the list of delivered ones", () => {
    const { problems } = judge({ labels, delivered: ["X9"] }, []);
    should(problems).have.length(1);
  });

  it("fails if the list differs from the contract in either direction", () => {
    const { problems } = judge(
      { labels, delivered: [] },
      [],
      "- **R1** a\n- **R2** b\n- **W3** c\n",
    );
    should(problems).eql([
      "the contract has W3, contract-labels.json does not",
      "contract-labels.json has W2, the contract does not",
    ]);
  });
});
