import _ from "lodash";
import should from "should";

import { fetchDocuments } from "../../../../../lib/core/read/fetchDocuments";
import { newRequestStats } from "../../../../../lib/core/RequestStats";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

/** 200 from each of 4 collections, requested alternately. */
const COLLECTIONS = ["yellow", "green", "blue", "red"];
const ADDRESSES = _.range(800).map((i) => ({
  collection: COLLECTIONS[i % 4] as string,
  _id: `d${i >> 2}`,
}));

async function fetchAll({ size = 1_000, ...asked }) {
  const store = new FakeStore();
  for (const { collection, _id } of ADDRESSES) {
    store.put(collection, _id, { x: "x".repeat(size) });
  }
  const execution = testEngine(store, { maxConcurrency: 1 });
  const { outcomes, bytes } = await fetchDocuments(
    ADDRESSES,
    [...ADDRESSES.keys()],
    {
      index: "nyc",
      source: { kind: "all" },
      isRaw: false,
      callSize: 100,
      execution,
      requestStats: newRequestStats(),
    },
    asked.budgetBytes,
    asked.atLeast ?? 0,
  );
  const first = outcomes.findIndex((outcome) => outcome === undefined);
  return {
    calls: store.getCalls.map(({ addresses }) => addresses.length),
    inOnePiece: first === -1 ? outcomes.length : first,
    bytes: bytes,
  };
}

describe("fetchDocuments", () => {
  it("[G3] has about as many of the first as are allowed, though its calls are of one collection each", async () => {
    const { inOnePiece, bytes } = await fetchAll({ budgetBytes: 200_000 });
    should(inOnePiece).be.within(160, 400);
    should(bytes).be.below(2.5 * 200_000);
  });

  it("[G3] fetches what the first requested document needs, however large it is, and no more", async () => {
    const { calls, inOnePiece } = await fetchAll({
      budgetBytes: 1,
      atLeast: 4,
    });
    should(calls).eql([100, 3]);
    should(inOnePiece).be.aboveOrEqual(4);
  });

  it("requests each once if everything is allowed", async () => {
    const { calls, inOnePiece } = await fetchAll({ budgetBytes: Infinity });
    should(calls).eql(new Array(8).fill(100));
    should(inOnePiece).equal(800);
  });
});
