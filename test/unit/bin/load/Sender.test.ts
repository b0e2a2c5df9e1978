import should from "should";

import {
  ApiError,
  type Call,
  ConnectionLost,
} from "../../../../bin/connection/connection";
import {
  ReliableConnection,
  ServerGone,
} from "../../../../bin/connection/ReliableConnection";
import { PLAIN } from "../../../../bin/load/wrap";
import { Sender, type Target } from "../../../../bin/load/Sender";
import { documentRow } from "../support";

interface Sent {
  readonly ids: string[];
  readonly key: unknown;
}

type Answer = (sent: Sent, n: number) => unknown;

const TARGET: Target = {
  wrap: PLAIN,
  assignsIds: true,
  action: "mWrite",
  index: "i",
  collection: "c",
  args: {},
};

/** Never waits. */
const CLOCK = { now: () => 0, random: () => 0, sleep: async () => undefined };

/** A server with scripted answers that remembers what it received. */
function server(answer: Answer, options: { hasUser?: boolean } = {}) {
  const sent: Sent[] = [];
  const connection = {
    server: "fake",
    envelopeBytes: 0,
    timeoutMs: 1_000,
    hasUser: options.hasUser ?? true,
    logins: 0,
    call: async ({ body, args }: Call) => {
      const { documents } = JSON.parse((body as Buffer).toString());
      const one = {
        ids: documents.map(({ _id }: { _id: string }) => _id),
        key: args?.idempotencyKey,
      };
      sent.push(one);
      return answer(one, sent.length);
    },
    logIn: async () => {
      connection.logins += 1;
      return options.hasUser ?? true;
    },
    close: () => undefined,
  };
  const notes: string[] = [];
  const persistent = new ReliableConnection(
    connection,
    {
      retryForMs: 0,
      onWait: (reason) => notes.push(reason),
      signal: new AbortController().signal,
    },
    CLOCK,
  );
  const patient = new ReliableConnection(
    connection,
    {
      retryForMs: 60_000,
      onWait: (reason) => notes.push(reason),
      signal: new AbortController().signal,
    },
    CLOCK,
  );
  const make = (over: ReliableConnection, runId = "run") =>
    new Sender(connection, over, TARGET, runId, CLOCK);
  return {
    sent,
    notes,
    connection,
    sender: make(persistent),
    patient: make(patient),
    make,
    persistent,
  };
}

const OK = { errors: [] };
const rows = (...numbers: number[]) => numbers.map((row) => documentRow(row));
const failure = (position: number, code: string, retryable = false) => ({
  ...{ position, code, retryable, status: 400, reason: `it is ${code}` },
});

describe("Sender", () => {
  it("distinguishes written documents from others, by row", async () => {
    const { sender } = server(() => ({ errors: [failure(1, "mapping")] }));
    const { done, failed: refused } = await sender.send(rows(4, 5, 6));
    should(done).equal(2);
    should([...refused]).eql([
      [5, { code: "mapping", reason: "it is mapping", status: 400 }],
    ]);
  });

  it("sends the same documents under the same key, and others under another", async () => {
    const one = server(() => OK);
    await one.sender.send(rows(1, 2));
    await one.make(one.persistent).send(rows(1, 2));
    await one.sender.send(rows(1, 2, 3));
    await one.make(one.persistent, "another run").send(rows(1, 2));
    const [first, again, more, other] = one.sent.map(({ key }) => key);
    should(first)
      .be.a.String()
      .and.match(/^run:1-2:0:/);
    should(again).equal(first);
    should(new Set([first, more, other]).size).equal(3);
    should((first as string).length).be.belowOrEqual(255);
  });

  it("has no key as anonymous", async () => {
    const { sender, sent } = server(() => OK, { hasUser: false });
    await sender.send(rows(1));
    should(sent[0]?.key).be.undefined();
  });

  it("sends again what the engine temporarily rejected, and what has an unknown outcome", async () => {
    const { sender, sent } = server((_, n) =>
      n === 1
        ? {
            errors: [
              failure(0, "rejected", true),
              failure(1, "mapping"),
              failure(2, "unknown_outcome"),
            ],
          }
        : OK,
    );
    const { done, failed: refused } = await sender.send(rows(1, 2, 3));
    should(done).equal(2);
    should([...refused.keys()]).eql([2]);
    should(sent.map(({ ids }) => ids)).eql([
      ["id-1", "id-2", "id-3"],
      ["id-1", "id-3"],
    ]);
  });

  it("stops retrying what the engine keeps rejecting, with a new key for each attempt", async () => {
    const { sender, sent } = server(() => ({
      errors: [failure(0, "rejected", true)],
    }));
    const { done, failed: refused } = await sender.send(rows(1));
    should(done).equal(0);
    should(refused.get(1)?.code).equal("rejected");
    should(sent).have.length(7);
    should(new Set(sent.map(({ key }) => key)).size).equal(7);
  });

  it("finds the document that spoils its request, and writes the others", async () => {
    const { sender, sent } = server(({ ids }) => {
      if (ids.includes("id-6")) throw new ApiError(500, "x", "too deep");
      return OK;
    });
    const { done, failed: refused } = await sender.send(
      rows(1, 2, 3, 4, 5, 6, 7, 8),
    );
    should(done).equal(7);
    should([...refused]).eql([
      [6, { code: "other", reason: "too deep", status: 500 }],
    ]);
    should(sent.length).be.belowOrEqual(7);
  });

  it("hides positions in a request, which differ from those in the file", async () => {
    for (const place of ["documents[1]", "operations[1].upsert"]) {
      const { sender } = server(() => ({
        errors: [{ ...failure(1, "invalid"), reason: `${place}._id is long.` }],
      }));
      const { failed } = await sender.send(rows(1, 2));
      should(failed.get(2)?.reason).equal("_id is long.");
    }
  });

  it("does not go through every document when each request is rejected", async () => {
    const { sender, sent } = server(() => {
      throw new ApiError(500, "x", "it is broken");
    });
    const many = rows(...Array.from({ length: 1_000 }, (_, i) => i + 1));
    await sender.send(many).should.be.rejectedWith("it is broken");
    should(sent.length).equal(61);
  });

  for (const status of [403, 404, 412]) {
    it(`ends for a ${status}, which is not of the documents`, async () => {
      const { sender, sent } = server(() => {
        throw new ApiError(status, "x", "no");
      });
      await sender.send(rows(1, 2)).should.be.rejectedWith("no");
      should(sent).have.length(1);
    });
  }

  it("takes over what a dead node has left under its key", async () => {
    const { sender, sent } = server((_, n) => {
      if (n > 1) return OK;
      throw new ApiError(500, "batch.idempotency.abandoned", "dead", [
        failure(0, "unknown_outcome"),
        failure(1, "unknown_outcome"),
      ]);
    });
    should((await sender.send(rows(1, 2))).done).equal(2);
    should(sent[1]?.key).not.equal(sent[0]?.key);
  });

  it("waits for a server that is gone, with the very same request", async () => {
    const errors = [
      new ConnectionLost("reset"),
      new ApiError(503, "x", "overloaded"),
      new ApiError(409, "batch.idempotency.in_progress", "running"),
    ];
    const { patient, sent, notes } = server((_, n) => {
      const error = errors[n - 1];
      if (error) throw error;
      return OK;
    });
    should((await patient.send(rows(1))).done).equal(1);
    should(new Set(sent.map((each) => JSON.stringify(each))).size).equal(1);
    should(sent).have.length(4);
    should(notes).eql(["reset"]);
  }).timeout(10_000);

  it("waits no longer than it is configured to", async () => {
    const { sender } = server(() => {
      throw new ConnectionLost("reset");
    });
    await sender.send(rows(1)).should.be.rejectedWith(ServerGone);
  });

  it("logs in again when the token has expired, once", async () => {
    const expired = new ApiError(401, "security.token.expired", "expired");
    const { sender, connection } = server((_, n) => {
      if (n === 1) throw expired;
      return OK;
    });
    should((await sender.send(rows(1))).done).equal(1);
    should(connection.logins).equal(1);

    const never = server(() => {
      throw expired;
    });
    await never.sender.send(rows(1)).should.be.rejectedWith("expired");
    should(never.sent).have.length(2);
  });
});
