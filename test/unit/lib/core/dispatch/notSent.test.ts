import should from "should";

import { batchGet } from "../../../../../lib/core/read/batchGet";
import { writeBatch } from "../../../../../lib/core/write/writeBatch";
import {
  documents,
  getCommand,
  writeCommand,
} from "../../../../support/commands";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

/** An engine with a limit of one call, which is in flight and never ends. */
function jammedEngine() {
  const store = new FakeStore();
  const never = new Promise<never>(() => undefined);
  store.getMany = () => never;
  store.bulk = () => never;
  const execution = testEngine(store, {
    maxConcurrency: 1,
    maxQueueMs: 100,
  });
  const asked = [{ position: 0, _id: "a", byAddress: false }];
  void batchGet(getCommand({ asked, collections: ["yellow"] }), execution);
  void writeBatch(writeCommand({ documents: documents(["a"]) }), execution);
  return { execution, asked };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await Promise.resolve();
  }
}

describe("A request that waits for longer than maxQueueMs", () => {
  it("[R12] fails as a whole when nothing of it could be sent", async () => {
    const { execution, asked } = jammedEngine();
    const both = [
      batchGet(getCommand({ asked, collections: ["yellow"] }), execution),
      writeBatch(writeCommand({ documents: documents(["b", "c"]) }), execution),
    ];
    const answers = Promise.allSettled(both);
    await turns();
    execution.clock.ringAfter(1_000);

    for (const answer of await answers) {
      should(answer).containDeep({
        status: "rejected",
        reason: { failure: { status: 503, code: "rejected", retryable: true } },
      });
    }
  });

  it("[R12] reports each document when some were sent", async () => {
    const store = new FakeStore();
    const bulk = store.bulk.bind(store);
    const execution = testEngine(store, {
      maxConcurrency: 1,
      maxQueueMs: 100,
      writeChunkDocuments: 1,
    });
    store.bulk = async (...args) => {
      await turns();
      execution.clock.ringAfter(1_000);
      return bulk(...args);
    };
    const { successes, errors } = await writeBatch(
      writeCommand({ documents: documents(["a", "b"]) }),
      execution,
    );

    should(successes.map(({ _id }) => _id)).eql(["a"]);
    should(errors[0]).containEql({ code: "rejected", status: 503 });
  });
});
