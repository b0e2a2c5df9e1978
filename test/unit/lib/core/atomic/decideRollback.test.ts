import should from "should";

import {
  decideRollback,
  hashDocument,
} from "../../../../../lib/core/atomic/decideRollback";
import { A, at, INCOMPLETE, OLD, OURS, REPLACES, TABLE } from "./rollbackTable";

describe("what a rollback does with a document", () => {
  for (const [title, journaled, now, status, rivals, expected] of TABLE) {
    const known =
      status === undefined
        ? "answer lost"
        : typeof status === "string"
          ? status
          : "written";
    it(`${title} (${known}): ${expected} [W3, W6]`, () => {
      should(
        decideRollback(journaled, now, status, {
          rivals,
          isComplete: rivals !== INCOMPLETE,
        }).kind,
      ).equal(expected);
    });
  }

  it("restores the previous bytes, on condition that nothing else is there [W3]", () => {
    should(
      decideRollback(REPLACES, at(5, OURS), undefined, {
        rivals: [],
        isComplete: true,
      }),
    ).eql({
      kind: "restore",
      sourceText: OLD,
      now: at(5, OURS),
    });
  });

  it("distinguishes the same bytes of two documents [W3]", () => {
    should(hashDocument(A, OURS)).not.equal(
      hashDocument({ ...A, _id: "b" }, OURS),
    );
    should(hashDocument(A, OURS)).not.equal(
      hashDocument({ ...A, collection: "green" }, OURS),
    );
  });
});
