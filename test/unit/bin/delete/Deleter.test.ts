import should from "should";

import {
  ApiError,
  type Call,
  ConnectionLost,
} from "../../../../bin/connection/connection";
import { ReliableConnection } from "../../../../bin/connection/ReliableConnection";
import { Deleter } from "../../../../bin/delete/Deleter";

describe("Deleter", () => {
  const there = new Set<string>();
  const asked: string[][] = [];
  let failAt = Infinity;

  function deleter() {
    const connection = {
      ...{ server: "fake", envelopeBytes: 0, hasUser: false, timeoutMs: 10 },
      logIn: async () => false,
      close: () => undefined,
      async call({ action, args, body }: Call) {
        should(action).equal("mDelete");
        should(args).eql({ silent: "true" });
        const { ids } = JSON.parse(String(body));
        asked.push(ids);
        if (ids.includes("bad")) throw new ApiError(400, "x", "bad id");
        const successes = ids.filter((id: string) => there.delete(id));
        if (asked.length === failAt) throw new ConnectionLost("cut");
        const errors = ids
          .filter((id: string) => !successes.includes(id))
          .map((_id: string) => ({ _id, reason: "not there", status: 404 }));
        return { successes, errors };
      },
    };
    const reliable = new ReliableConnection(
      connection,
      {
        ...{ retryForMs: 1_000, onWait: () => undefined },
        signal: new AbortController().signal,
      },
      { now: () => 0, random: () => 0, sleep: async () => undefined },
    );
    const place = { index: "i", collection: "c" };
    return new Deleter(reliable, place, { silent: "true" });
  }

  beforeEach(() => {
    there.clear();
    for (const id of ["a", "b", "c"]) there.add(id);
    asked.length = 0;
    failAt = Infinity;
  });

  it("tells what was deleted from what was not there", async () => {
    should(await deleter().delete(["a", "x", "b"])).eql({
      ...{ deleted: 2, notFound: ["x"], errors: [] },
    });
    should([...there]).eql(["c"]);
  });

  it("finds the id that spoils its request, and deletes the others", async () => {
    should(await deleter().delete(["a", "bad", "c"])).eql({
      ...{
        deleted: 2,
        notFound: [],
        errors: [{ _id: "bad", reason: "bad id" }],
      },
    });
  });

  it("sends a request again that was lost", async () => {
    failAt = 1;
    const { notFound } = await deleter().delete(["a", "b"]);
    should(asked).eql([
      ["a", "b"],
      ["a", "b"],
    ]);
    should(notFound).eql(["a", "b"]);
    should([...there]).eql(["c"]);
  });
});
