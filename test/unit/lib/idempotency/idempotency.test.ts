import { setImmediate as nextTurn } from "node:timers/promises";

import { BadRequestError, type KuzzleRequest } from "kuzzle";
import should from "should";
import sinon from "sinon";

import {
  Idempotency,
  type ConfirmKey,
} from "../../../../lib/idempotency/Idempotency";
import {
  derivedId,
  readKey,
  type IdempotencyKey,
} from "../../../../lib/idempotency/key";
import {
  KeyRecords,
  MAX_RECORD_BYTES,
} from "../../../../lib/idempotency/KeyRecords";
import type { RepeatableAnswer } from "../../../../lib/idempotency/outcome";
import type { KuzzleServices } from "../../../../lib/kuzzle/KuzzleServices";
import { batchError } from "../../../../lib/errors";
import { FakeCache } from "../../../support/FakeCache";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
} from "../../../support/request";

const DOCUMENTS = [
  { _id: "a", body: { n: 1 } },
  { _id: "b", body: { n: 2 } },
];
const ARGS = { index: "nyc", collection: "yellow", strict: false };

function request(
  data: Record<string, unknown> = {},
  user = userWith(() => true),
): KuzzleRequest {
  return kuzzleRequest(
    {
      action: "mWrite",
      index: "nyc",
      collection: "yellow",
      idempotencyKey: "key",
      body: { documents: DOCUMENTS },
      ...data,
    },
    { user },
  );
}

function answer(): RepeatableAnswer {
  return {
    successes: [{ position: 0, _source: { n: 1 } } as { position: number }],
    errors: [{ position: 1, document: DOCUMENTS[1] } as { position: number }],
    stats: { requested: 2 } as RepeatableAnswer["stats"],
  };
}

describe("an idempotency key", () => {
  let kuzzle: ReturnType<typeof kuzzleServices>;
  let node: Idempotency;
  let replays: number;
  let run: sinon.SinonStub<[], Promise<RepeatableAnswer>>;

  beforeEach(() => {
    kuzzle = { ...kuzzleServices(), cache: new FakeCache() };
    replays = 0;
    node = new Idempotency(kuzzle, () => replays++);
    run = sinon
      .stub<[], Promise<RepeatableAnswer>>()
      .callsFake(async () => answer());
  });

  function once(
    sent: KuzzleRequest = request(),
    args: object = ARGS,
    on: Idempotency = node,
  ): Promise<RepeatableAnswer> {
    return on.once(sent, args, readKey(sent) as IdempotencyKey, run);
  }

  function anotherNode(services: Partial<KuzzleServices>): Idempotency {
    return new Idempotency(
      { ...kuzzle, nodeId: "another", ...services },
      () => undefined,
    );
  }

  it("repeats the first answer, sources out of the repeated body [W5]", async () => {
    await once();
    const repeated = await once();

    should(repeated).eql({
      ...answer(),
      stats: { requested: 2, replayed: true },
    });
    should(run.callCount).equal(1);
    should(replays).equal(1);
  });

  it("keeps outcomes, and no documents [W5]", async () => {
    await once();
    const [text] = [...kuzzle.cache.texts.values()];

    should(text).not.match(/"n":|"_source"|"document"/);
  });

  it("does not look at what a request carries beside its arguments [W5]", async () => {
    await once(request({ requestId: "one", timestamp: 1, volatile: { a: 1 } }));
    await once(request({ requestId: "two", timestamp: 2, volatile: {} }));

    should(run.callCount).equal(1);
  });

  it("is free again when the answer to its claim is lost, for nothing was done [W5]", async () => {
    const create = kuzzle.cache.create.bind(kuzzle.cache);
    kuzzle.cache.create = async (...args) => {
      kuzzle.cache.create = create;
      await create(...args);
      throw new Error("lost");
    };
    await should(once()).be.rejectedWith("lost");
    await nextTurn();

    should(run.callCount).equal(0);
    await once();
    should(run.callCount).equal(1);
  });

  it("is claimed once more when another run's record is gone before it is read [W5]", async () => {
    const create = kuzzle.cache.create.bind(kuzzle.cache);
    kuzzle.cache.create = async () => {
      kuzzle.cache.create = create;
      return false;
    };
    await once();

    should(run.callCount).equal(1);
  });

  it("does not fail for a document that is too deep, which is its own error [W5, R14]", async () => {
    const body = (depth: number) => ({
      documents: [
        { _id: "a", body: JSON.parse("[".repeat(depth) + "]".repeat(depth)) },
      ],
    });
    await once(request({ body: body(100_000) }));
    await once(request({ body: body(100_000) }));

    should(run.callCount).equal(1);
  });

  for (const [title, other, args] of [
    ["body", request({ body: { documents: [] } }), ARGS],
    ["action", request({ action: "mUpdate" }), ARGS],
    ["argument", request(), { ...ARGS, strict: true }],
    ["collection", request(), { ...ARGS, collection: "green" }],
  ] as const) {
    it(`is rejected with another ${title} [W5]`, async () => {
      await once();
      await should(once(other, args)).be.rejectedWith({
        id: "batch.idempotency.mismatch",
        status: 422,
      });
      should(run.callCount).equal(1);
    });
  }

  it("is another user's own [W5]", async () => {
    await once();
    await once(
      request(
        {},
        userWith(() => true, "brooke"),
      ),
    );

    should(run.callCount).equal(2);
  });

  it("repeats an error, with its documents [W5]", async () => {
    const errors = [{ document: DOCUMENTS[0], position: 0, code: "mapping" }];
    run.callsFake(async () => {
      throw batchError(
        "batch.write.rolled_back",
        { reason: "so", journal: "j" },
        errors,
        { status: 409 },
      );
    });
    const first = await once().catch((error: unknown) => error);
    const second = await once().catch((error: unknown) => error);

    const shown = (error: unknown) => {
      const { stack, ...rest } = (error as BadRequestError).toJSON();
      return rest;
    };
    should(shown(second)).eql(shown(first));
    should(run.callCount).equal(1);
  });

  it("[W5, R14] keeps no rejection: nothing was done, and it may be large", async () => {
    run.onFirstCall().callsFake(async () => {
      throw batchError("batch.write.refused", { count: 1, requested: 1 }, []);
    });
    await should(once()).be.rejectedWith({ id: "batch.write.refused" });
    await once();

    should(run.callCount).equal(2);
  });

  for (const [when, error] of [
    [
      "the engine could not even be asked",
      () => batchError("batch.engine.unavailable", { reason: "gone" }),
    ],
    [
      "a batch was rolled back for the engine's sake",
      () =>
        batchError(
          "batch.write.rolled_back",
          { reason: "so", journal: "j" },
          [],
          { status: 503 },
        ),
    ],
  ] as const) {
    it(`is free again when ${when} [W5]`, async () => {
      run.onFirstCall().callsFake(async () => {
        throw error();
      });
      await should(once()).be.rejectedWith({ id: error().id });
      await once();

      should(run.callCount).equal(2);
    });
  }

  it("reports the first error even if the cache is gone as well [W5]", async () => {
    run.callsFake(async () => {
      throw batchError("batch.engine.unavailable", { reason: "gone" });
    });
    kuzzle.cache.replace = async () => {
      throw new Error("no cache");
    };
    await should(once()).be.rejectedWith({ id: "batch.engine.unavailable" });
    should(kuzzle.logError.callCount).equal(1);
  });

  it("answers what is written even when that cannot be kept [W5]", async () => {
    const replace = kuzzle.cache.replace.bind(kuzzle.cache);
    run.callsFake(async () => {
      kuzzle.cache.replace = async () => {
        kuzzle.cache.replace = replace;
        throw new Error("no cache");
      };
      return answer();
    });
    should(await once()).eql(answer());
    should(kuzzle.logError.callCount).equal(1);
    // and it is not reported as running forever
    await should(once()).be.rejectedWith({
      id: "batch.idempotency.abandoned",
    });
  });

  it("says that the first is running, as long as its node lives [W5]", async () => {
    let finish = (): void => undefined;
    run.callsFake(
      () => new Promise((resolve) => (finish = () => resolve(answer()))),
    );
    const first = once();
    await new Promise(setImmediate);
    // it knows itself to be alive, even if its heartbeats were late
    kuzzle.isNodeAlive.resolves(false);
    const other = anotherNode({ isNodeAlive: async () => true });
    for (const on of [node, other]) {
      await should(once(request(), ARGS, on)).be.rejectedWith({
        id: "batch.idempotency.in_progress",
        status: 409,
      });
    }
    finish();
    await first;
    should((await once()).stats.replayed).be.true();
  });

  it("does not know the outcome when the node is dead [W5]", async () => {
    run.callsFake(() => new Promise(() => undefined));
    void once();
    await new Promise(setImmediate);
    const other = anotherNode({ isNodeAlive: async () => false });
    const error = (await once(request(), ARGS, other).catch(
      (thrown: unknown) => thrown,
    )) as { id: string; errors: Array<{ code: string; position: number }> };

    should(error.id).equal("batch.idempotency.abandoned");
    should(error.errors.map(({ code, position }) => [code, position])).eql([
      ["unknown_outcome", 0],
      ["unknown_outcome", 1],
    ]);
    should(run.callCount).equal(1);
  });

  describe("of a node that is slow but alive", () => {
    let nowMs: number;
    let wake: () => void;
    let written: boolean;

    /** Starts a run that pauses before its first write. */
    async function paused(ms: number): Promise<{ answered: Promise<unknown> }> {
      nowMs = 0;
      written = false;
      const slow = new Idempotency(
        kuzzle,
        () => undefined,
        () => nowMs,
      );
      const sent = request();
      const key = readKey(sent) as IdempotencyKey;
      const pause = new Promise<void>((resolve) => (wake = resolve));
      const answered = slow
        .once(sent, ARGS, key, async (confirmKey: ConfirmKey) => {
          await pause;
          nowMs = ms;
          await confirmKey();
          written = true;
          return answer();
        })
        .catch(({ id }: { id: string }) => id);
      await new Promise(setImmediate);
      return { answered };
    }

    it("writes nothing once others have learned that it is abandoned [W5]", async () => {
      const { answered } = await paused(20_000);
      const other = anotherNode({ isNodeAlive: async () => false });
      const abandoned = { id: "batch.idempotency.abandoned" };
      await should(once(request(), ARGS, other)).be.rejectedWith(abandoned);
      wake();

      should(await answered).equal("batch.idempotency.lost");
      should(written).be.false();
      // the outcome is known now: nothing
      await should(once(request(), ARGS, other)).be.rejectedWith({
        id: "batch.idempotency.lost",
      });
    });

    it("continues if nobody has asked meanwhile, and counts as alive from then on [W5]", async () => {
      const { answered } = await paused(20_000);
      kuzzle.tellAlive.callsFake(async () => {
        kuzzle.isNodeAlive.resolves(true);
      });
      kuzzle.isNodeAlive.resolves(false);
      wake();

      should(await answered).eql(answer());
      should(kuzzle.tellAlive.callCount).equal(1);
      should((await once()).stats.replayed).be.true();
    });

    it("is not abandoned by who had looked before it went on [W5]", async () => {
      const { answered } = await paused(20_000);
      let looks = 0;
      const other = anotherNode({
        isNodeAlive: async () => {
          if (looks++ > 0) {
            return true;
          }
          wake();
          await answered;
          return false;
        },
      });

      should((await once(request(), ARGS, other)).stats.replayed).be.true();
    });

    it("does not check if it was not delayed [W5]", async () => {
      const { answered } = await paused(500);
      wake();

      should(await answered).eql(answer());
      should(kuzzle.tellAlive.callCount).equal(0);
    });

    it("reports its outcome late if it had started to write [W5]", async () => {
      let finish = (): void => undefined;
      run.callsFake(
        () => new Promise((resolve) => (finish = () => resolve(answer()))),
      );
      const first = once();
      await new Promise(setImmediate);
      const other = anotherNode({ isNodeAlive: async () => false });
      await should(once(request(), ARGS, other)).be.rejectedWith({
        id: "batch.idempotency.abandoned",
      });
      finish();
      await first;

      should((await once(request(), ARGS, other)).stats.replayed).be.true();
    });
  });

  it("knows its own claim when the answer to it was lost [W5]", async () => {
    const create = kuzzle.cache.create.bind(kuzzle.cache);
    kuzzle.cache.create = async (...args) => {
      await create(...args);
      return create(...args);
    };
    should(await once()).eql(answer());
  });

  it("does not touch another run's record under its key after a flush [W5]", async () => {
    run.onFirstCall().callsFake(async () => {
      kuzzle.cache.texts.clear();
      await once();
      return { ...answer(), errors: [] };
    });
    await once();

    should(await once()).eql({
      ...answer(),
      stats: { requested: 2, replayed: true },
    });
  });

  it("does not wait for a cache that does not answer: before [W5, R14]", async () => {
    const hung = new KeyRecords(
      Object.assign(new FakeCache(), {
        create: () => new Promise(() => undefined),
      }),
      5,
    );
    node = new Idempotency(kuzzle, () => undefined, undefined, hung);

    await should(once()).be.rejectedWith({
      id: "batch.idempotency.unavailable",
      status: 503,
    });
    should(run.callCount).equal(0);
  });

  it("does not wait for a cache that does not answer: after [W5, R14]", async () => {
    const { cache } = kuzzle;
    const hung = new KeyRecords(
      {
        read: (key) => cache.read(key),
        create: (key, text) => cache.create(key, text),
        replace: () => new Promise(() => undefined),
      },
      5,
    );
    node = new Idempotency(kuzzle, () => undefined, undefined, hung);

    should(await once()).eql(answer());
    should(kuzzle.logError.callCount).equal(1);
  });

  it("takes bounded room for the largest answer [W5, R14]", async () => {
    const position = (_: unknown, i: number) => ({
      position: i,
      _id: `document ${i}`,
      _version: 1,
      _seq_no: i,
      _primary_term: 1,
      created: true,
    });
    const largest = {
      ...answer(),
      successes: Array.from({ length: 40_000 }, position),
      errors: [],
    };
    run.resolves(largest);
    await once();
    const [text] = [...kuzzle.cache.texts.values()];

    should(text!.length).be.below(MAX_RECORD_BYTES);
    should((await once()).successes).eql(largest.successes);
  });

  it("does not know what is too much to be kept [W5, R14]", async () => {
    const noise = (): string =>
      Array.from({ length: 100 }, () => Math.random()).join("");
    run.resolves({
      ...answer(),
      errors: Array.from({ length: 2_000 }, (_, i) => ({
        position: i,
        reason: noise(),
      })),
    });
    await once();
    const [text] = [...kuzzle.cache.texts.values()];

    should(text!.length).be.below(1_000);
    await should(once()).be.rejectedWith({ id: "batch.idempotency.abandoned" });
  });

  it("runs one of many at once [W5]", async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => once()),
    );

    should(run.callCount).equal(1);
    should(answers.map(({ status }) => status)).containEql("fulfilled");
  });

  it("comes by argument or by header, the argument first [W5, D3]", () => {
    const byHeader = kuzzleRequest({});
    byHeader.input.headers = { "idempotency-key": "key" };

    should(readKey(byHeader)).eql(readKey(request()));
    should(readKey(kuzzleRequest({}))).equal(undefined);
    should(readKey(request({ idempotencyKey: "" }))).equal(undefined);
  });

  it("may not be empty in the header [W5, D3]", () => {
    const empty = kuzzleRequest({});
    empty.input.headers = { "idempotency-key": "" };
    should(() => readKey(empty)).throw({ id: "batch.request.invalid" });
  });

  for (const key of ["x".repeat(256), 7, {}, true]) {
    it(`has to be a text: ${JSON.stringify(key).slice(0, 20)} [W5, R7]`, () => {
      should(() => readKey(request({ idempotencyKey: key }))).throw({
        id: "batch.request.invalid",
      });
    });
  }

  it("is rejected for those who are not logged in [W5]", () => {
    for (const user of [userWith(() => true, "-1"), null]) {
      should(() =>
        readKey(kuzzleRequest({ idempotencyKey: "key" }, { user })),
      ).throw({ id: "batch.request.invalid" });
    }
  });

  it("gives the same ids to the same places [W5]", () => {
    const key = readKey(request());
    const other = readKey(request({ idempotencyKey: "other" }));
    should(derivedId(key!, 0)).equal(derivedId(readKey(request())!, 0));
    should(
      new Set([derivedId(key!, 0), derivedId(key!, 1), derivedId(other!, 0)])
        .size,
    ).equal(3);
  });
});
