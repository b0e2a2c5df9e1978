import should from "should";

import { writeBatch } from "../../../../../lib/core/write/writeBatch";
import { EngineError } from "../../../../../lib/core/ports/DocumentStore";
import {
  documents,
  updateCommand,
  writeCommand,
} from "../../../../support/commands";
import { failOver, failureOf } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

/** Writes two conditional documents and an unconditional one, which are sent twice. */
async function writeTwice(store: FakeStore, between?: () => void) {
  store.put("yellow", "there", { was: 1 });
  const precondition = { ifSeqNo: 0, ifPrimaryTerm: 1 };
  const [fresh, there, plain] = documents(["fresh", "there", "plain"]);
  failOver(store, between);
  const { successes, errors } = await writeBatch(
    writeCommand({
      documents: [
        { ...fresh!, ifAbsent: true },
        { ...there!, precondition },
        plain!,
      ],
    }),
    testEngine(store),
  );
  return {
    written: successes.map(({ _id }) => _id),
    failed: errors.map(
      ({ document, code }) => `${String(document._id)}: ${code}`,
    ),
  };
}

describe("a broken condition", () => {
  it("[W6] has an unknown outcome when the document holds what was sent", async () => {
    should(await writeTwice(new FakeStore())).eql({
      written: ["plain"],
      failed: ["fresh: unknown_outcome", "there: unknown_outcome"],
    });
  });

  it("[W6] is a conflict when the document holds anything else", async () => {
    const store = new FakeStore();
    const theirs = (): void => {
      store.put("yellow", "fresh", { theirs: 1 });
      store.put("yellow", "there", { theirs: 1 });
    };
    should(await writeTwice(store, theirs)).eql({
      written: ["plain"],
      failed: ["fresh: version_conflict", "there: version_conflict"],
    });
  });

  it("[W6] has an unknown outcome when the document cannot be read", async () => {
    const store = new FakeStore();
    store.getRaw = async () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    should(await writeTwice(store)).containEql({
      failed: ["fresh: unknown_outcome", "there: unknown_outcome"],
    });
  });

  it("[W6] costs no read where there is none", async () => {
    const store = new FakeStore();
    store.getRaw = async () => {
      throw new Error("not needed");
    };
    const { errors } = await writeBatch(
      writeCommand({ documents: documents(["a"], { ifAbsent: true }) }),
      testEngine(store),
    );
    should(errors).eql([]);
  });

  for (const [title, between, code] of [
    ["holds all that was sent", { other: 1 }, "unknown_outcome"],
    ["does not", { n: "theirs" }, "version_conflict"],
  ] as const) {
    it(`[W6] of an update: the document ${title}`, async () => {
      const store = new FakeStore();
      store.put("yellow", "a", { was: 1 });
      failOver(store, () => {
        const now = store.sourceOf("yellow", "a");
        store.put("yellow", "a", { ...now, ...between });
      });
      const precondition = { ifSeqNo: 0, ifPrimaryTerm: 1 };
      const { errors } = await writeBatch(
        updateCommand({ documents: documents(["a"], { precondition }) }),
        testEngine(store),
      );
      should(errors.map((each) => each.code)).eql([code]);
    });
  }

  it("[W4, W6] is judged before the next write of the same document", async () => {
    const store = new FakeStore();
    const [first, second] = documents(["a", "a"]);
    failOver(store);
    const { successes, errors } = await writeBatch(
      writeCommand({ documents: [{ ...first!, ifAbsent: true }, second!] }),
      testEngine(store),
    );
    should(errors).match([{ position: 0, code: "unknown_outcome" }]);
    should(successes).match([{ position: 1, _version: 2 }]);
  });

  it("[W4, W6] is a conflict when the document is as an earlier write of the request has left it", async () => {
    const [first, second] = documents(["a", "a"], { ifAbsent: true });
    const { successes, errors } = await writeBatch(
      writeCommand({ documents: [first!, { ...second!, body: first!.body }] }),
      testEngine(new FakeStore()),
    );
    should(successes).match([{ position: 0, _version: 1 }]);
    should(errors).match([{ position: 1, code: "version_conflict" }]);
  });
});
