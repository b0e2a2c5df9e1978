import should from "should";

import type { Operation } from "../../../client/index";
import { askedEntry, targetOf, withNewId } from "../../../client/write/targets";
import { batchOn, FakeSdk } from "./support/FakeSdk";

const BATCH = { action: "batchWrite", collection: "c" } as const;

describe("the client's batchWrite", () => {
  it("sends no request without operations", async () => {
    const sdk = new FakeSdk();
    const { results, errors } = await batchOn(sdk).batchWrite("i", []);

    should([results, errors]).eql([[], []]);
    should(sdk.requests).be.empty();
  });

  it("treats the same id in two collections as two documents [M2]", () => {
    const ids = [
      { delete: { _id: "a" } },
      { update: { _id: "a", collection: "c", body: {} } },
      { delete: { _id: "a", collection: "d" } },
    ].map((each: Operation) => targetOf(BATCH, each));

    should(ids[0]).equal(ids[1]);
    should(ids[0]).not.equal(ids[2]);
  });

  it("assigns ids where the server would", () => {
    const name = (entry: unknown) =>
      withNewId("batchWrite", entry, () => "new");

    should(name({ create: { body: {} } })).eql({
      create: { body: {}, _id: "new" },
    });
    should(name({ create: { _id: "a", body: {} } })).eql({
      create: { _id: "a", body: {} },
    });
    should(name({ delete: {} })).eql({ delete: {} });
    should(name("text")).equal("text");
  });

  it("names an operation in an error as the server does [R9]", () => {
    const upsert = { _id: "a", changes: { n: 1 }, default: { m: 1 } };
    should(askedEntry(BATCH, { upsert })).eql({
      op: "upsert",
      collection: "c",
      document: upsert,
    });
  });
});
