import should from "should";
import sinon from "sinon";

import { MergedDeletions } from "../../../../lib/kuzzle/MergedDeletions";

describe("Deletions of cache keys", () => {
  let remove: sinon.SinonStub<[string[]], Promise<unknown>>;
  let deletions: MergedDeletions;

  beforeEach(() => {
    remove = sinon.stub<[string[]], Promise<unknown>>().resolves(1);
    deletions = new MergedDeletions(remove);
  });

  it("[U3] share a command when they come in the same turn", async () => {
    await Promise.all([
      deletions.delete("{a}", ["{a}/1", "{a}/2"]),
      deletions.delete("{a}", ["{a}/3"]),
    ]);
    await deletions.delete("{a}", ["{a}/4"]);

    should(remove.args).eql([[["{a}/1", "{a}/2", "{a}/3"]], [["{a}/4"]]]);
  });

  it("[U3] never share one with keys of another slot", async () => {
    await Promise.all([
      deletions.delete("{a}", ["{a}/1"]),
      deletions.delete("{b}", ["{b}/1"]),
    ]);

    should(remove.args).eql([[["{a}/1"]], [["{b}/1"]]]);
  });

  it("[R14] are cut into commands that Redis is soon done with", async () => {
    const keys = (name: string, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `{a}/${name}${i}`);
    await Promise.all([
      deletions.delete("{a}", keys("one", 600)),
      deletions.delete("{a}", keys("two", 600)),
      deletions.delete("{a}", keys("three", 400)),
    ]);

    should(remove.args.map(([given]) => given.length)).eql([600, 1_000]);
  });

  it("[U3] fail for all who share the command that fails, and for nobody else", async () => {
    remove.onFirstCall().rejects(new Error("Redis is gone"));
    const both = [
      deletions.delete("{a}", ["{a}/1"]),
      deletions.delete("{a}", ["{a}/2"]),
    ];
    for (const each of both) {
      await each.should.be.rejectedWith("Redis is gone");
    }
    await deletions.delete("{a}", ["{a}/3"]);
  });
});
