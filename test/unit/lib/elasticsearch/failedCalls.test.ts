import should from "should";

import {
  cut,
  halfABody,
  json,
  silence,
  standstill,
  text,
  type Reply,
} from "../../../support/FakeEngine";
import {
  ALL,
  asRead,
  clientFor,
  describeOnClients,
  storeOver,
} from "./support/storeOnClients";

describeOnClients("a call that fails as a whole", (given) => {
  const error = (type: string) => ({
    error: { type, reason: `because of ${type}` },
  });
  const LOST: Array<[string, Reply]> = [
    ["502", json(502, {})],
    ["503", json(503, error("unavailable_shards_exception"))],
    ["504", text(504, "gateway time-out")],
    ["500", json(500, error("illegal_state_exception"))],
    ["half a body", halfABody],
    ["a body that is no JSON", text(200, '{"took":1,"items":[')],
    ["documents that break off", text(200, '{"docs":[{"found":false}')],
    ["no body at all", text(200, "")],
    ["a line that is cut", cut],
    ["silence", silence],
    ["an answer that stands still", standstill],
  ];
  for (const [title, reply] of LOST) {
    it(`[R10] ${title}: a write is sent once, and its outcome unknown`, async () => {
      const { failure, retryable } = await given.failureTo(reply, () =>
        given.write(),
      );

      should(given.engine.seen).have.length(1);
      should(retryable).be.false();
      should(failure).containEql({
        status: 500,
        code: "unknown_outcome",
        retryable: false,
      });
    });

    for (const isRaw of [false, true]) {
      it(`[R2, R9] ${title}: a read is unavailable, and may be tried again${asRead(isRaw)}`, async () => {
        const { failure, retryable } = await given.failureTo(reply, () =>
          given.read(isRaw),
        );

        should(given.engine.seen).have.length(1);
        should(retryable).be.false();
        should(failure).containEql({
          status: 503,
          code: "unavailable",
          retryable: true,
        });
      });
    }
  }

  it("[R10] 429: rejected, so that it may be sent again", async () => {
    for (const call of [
      () => given.read(),
      () => given.read(true),
      () => given.write(),
    ]) {
      const { failure, retryable } = await given.failureTo(
        json(429, error("es_rejected_execution_exception")),
        call,
      );
      should(given.engine.seen).have.length(1);
      should(retryable).be.true();
      should(failure).eql({
        status: 429,
        code: "rejected",
        reason: "because of es_rejected_execution_exception",
        retryable: true,
      });
    }
  });

  it("[R10] 429 without a word of the engine, as a proxy sends it", async () => {
    const { failure, retryable } = await given.failureTo(
      text(429, '"slow down"'),
      () => given.write(),
    );
    should(retryable).be.true();
    should(failure).containEql({ status: 429, code: "rejected" });
  });

  it("[R9] 413: too large, and of no use to send again", async () => {
    const { failure, retryable } = await given.failureTo(json(413, {}), () =>
      given.write(),
    );
    should(given.engine.seen).have.length(1);
    should(retryable).be.false();
    should(failure).containEql({
      status: 413,
      code: "too_large",
      retryable: false,
    });
  });

  it("[R9] 400: invalid", async () => {
    const { failure, retryable } = await given.failureTo(
      json(400, error("illegal_argument_exception")),
      () => given.write(),
    );
    should(retryable).be.false();
    should(failure).containEql({
      status: 400,
      code: "invalid",
      retryable: false,
    });
  });

  for (const isRaw of [false, true]) {
    it(`[R2] 404: a collection that is gone is an error, not a missing document${asRead(isRaw)}`, async () => {
      const { failure } = await given.failureTo(
        json(404, error("index_not_found_exception")),
        () => given.read(isRaw),
      );
      should(failure).containEql({ status: 404, code: "unavailable" });
    });
  }

  it("[R10] nobody at the other end: unavailable to a read", async () => {
    const nobody = clientFor("http://127.0.0.1:1", given.version);
    const away = storeOver(nobody.transport);
    for (const isRaw of [false, true]) {
      const { failure } = await given.failureTo(json(200, {}), () =>
        away.getMany(
          [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
          ALL,
          isRaw,
        ),
      );
      should(failure).containEql({ code: "unavailable", retryable: true });
    }
    await nobody.close();
  });

  it("passes on a fault that is not the engine's", async () => {
    const broken = storeOver({
      request: () => {
        throw new TypeError("a mistake of ours");
      },
    });
    await broken
      .getMany(
        [{ index: "nyc", addresses: [{ collection: "y", _id: "a" }] }],
        ALL,
      )
      .should.be.rejectedWith(TypeError);
  });
});
