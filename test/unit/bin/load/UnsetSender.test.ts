import should from "should";

import type { Call } from "../../../../bin/connection/connection";
import { ReliableConnection } from "../../../../bin/connection/ReliableConnection";
import { Sender, type Target } from "../../../../bin/load/Sender";
import { UnsetSender } from "../../../../bin/load/UnsetSender";
import { withoutFields } from "../../../../bin/load/withoutFields";
import { PLAIN, type SentRow } from "../../../../bin/load/wrap";

const CLOCK = { now: () => 0, random: () => 0, sleep: async () => undefined };

interface Stored {
  json?: string;
  seqNo: number;
}

/** Documents as texts, each with a version; a write needs the current version. */
class FakeServer {
  readonly server = "fake";
  readonly envelopeBytes = 0;
  readonly hasUser = true;
  readonly timeoutMs = 1_000;
  readonly writes: Array<{ args: unknown; bytes: number; ids: string[] }> = [];
  /** called between a read and the write that follows */
  meanwhile: () => void = () => undefined;

  constructor(readonly documents: Map<string, Stored>) {}

  async call({ action, args, body }: Call): Promise<unknown> {
    if (action === "getCurrentUser") return { _id: "ada" };
    const text = (body as Buffer).toString();
    return action === "batchGet"
      ? this.get(JSON.parse(text).ids)
      : this.write(JSON.parse(text).documents, args, text.length);
  }

  private get(ids: string[]) {
    const isThere = (_id: string) => this.documents.has(_id);
    return {
      documents: ids.filter(isThere).map((_id) => {
        const { json, seqNo } = this.documents.get(_id) as Stored;
        const content = json === undefined ? { _source: {} } : { json };
        return { _id, ...content, _seq_no: seqNo, _primary_term: 1 };
      }),
      not_found: ids.filter((_id) => !isThere(_id)),
      errors: [],
      unprocessed: [],
    };
  }

  private write(documents: any[], args: unknown, bytes: number) {
    this.meanwhile();
    this.writes.push({ args, bytes, ids: documents.map(({ _id }) => _id) });
    const errors = documents.flatMap((each, position) => {
      const stored = this.documents.get(each._id);
      if (stored?.seqNo !== each.ifSeqNo) {
        const code = "version_conflict";
        return [{ position, code, status: 409, reason: "", retryable: false }];
      }
      const seqNo = each.ifSeqNo + 1;
      this.documents.set(each._id, { json: each.json, seqNo });
      return [];
    });
    return { errors };
  }

  async logIn(): Promise<boolean> {
    return true;
  }

  close(): void {}
}

const TARGET: Target = {
  ...{ action: "mWrite", index: "i", collection: "c", args: {} },
  ...{ wrap: PLAIN, assignsIds: false },
};

function senderOf(
  server: FakeServer,
  fields: string[],
  { retries = 3, maxBytes = 10_000 } = {},
): UnsetSender {
  const reliable = new ReliableConnection(
    server,
    {
      retryForMs: 0,
      onWait: () => undefined,
      signal: new AbortController().signal,
    },
    CLOCK,
  );
  const writer = new Sender(server, reliable, TARGET, "run", CLOCK);
  const unset = { fields, retries };
  return new UnsetSender(
    ...([reliable, writer, TARGET, unset, maxBytes, CLOCK, () => 99] as const),
  );
}

function serverOf(documents: Record<string, string>): FakeServer {
  const stored = Object.entries(documents).map(
    ([id, json]) => [id, { json, seqNo: 5 }] as const,
  );
  return new FakeServer(new Map(stored));
}

const rowOf = (row: number, _id: string, json = "{}"): SentRow => ({
  row,
  wire: Buffer.from(JSON.stringify({ _id, json })),
});

describe("update --unset", () => {
  it("[R13] removes fields of a text, wherever they are, and keeps the rest as it is", () => {
    for (const [text, paths, rest] of [
      ['{ "a": 1.10, "b": 2 }', ["b"], '{"a":1.10}'],
      ['{"a":{"b":-0.0,"c": 1.0 },"d":1}', ["a.b"], '{"a":{"c":1.0},"d":1}'],
      ['{"a.b":1,"c":2}', ["a.b"], '{"c":2}'],
      ['{"a.b":{"x":1,"y":2}}', ["a.b.x"], '{"a.b":{"y":2}}'],
      [
        '{"a":[ {"b":1,"c":"],"}, 7, [ {"b":2} ], "{" ]}',
        ["a.b"],
        '{"a":[{"c":"],"},7,[{}],"{"]}',
      ],
      ['{ "a": 1.0, "b": [ ] }', ["b.x", "a.x", "z"], '{ "a": 1.0, "b": [ ] }'],
      ['{"\\u0061":1}', ["a"], "{}"],
    ] as const) {
      should(withoutFields(text, paths)).equal(rest);
    }
  });

  it("changes and removes fields, records the author, and names missing documents", async () => {
    const server = serverOf({
      x: '{"n":1306415010221662247,"old":1,"_kuzzle_info":{"author":"eve","createdAt":7,"updatedAt":null}}',
      y: '{"n": 1.10}',
    });
    const outcome = await senderOf(server, ["old"]).send([
      rowOf(1, "x", '{"m":{"k":1.0}}'),
      rowOf(2, "gone"),
      rowOf(3, "y"),
    ]);
    should(outcome.done).equal(2);
    should([...outcome.failed]).match([
      [2, { code: "not_found", status: 404 }],
    ]);
    should(server.documents.get("x")?.json).equal(
      '{"n":1306415010221662247,"m":{"k":1.0},"_kuzzle_info":{"author":"eve","createdAt":7,"updatedAt":99,"updater":"ada"}}',
    );
    // it needed no change: nothing was written
    should(server.documents.get("y")).eql({ json: '{"n": 1.10}', seqNo: 5 });
    should(server.writes).have.length(1);
  });

  it("reads a document again that was modified concurrently, and keeps that change", async () => {
    const server = serverOf({ x: '{"old":1}' });
    let times = 0;
    server.meanwhile = () => {
      if (++times > 2) return;
      const seqNo = (server.documents.get("x")?.seqNo as number) + 1;
      server.documents.set("x", { json: `{"old":1,"by":${times}}`, seqNo });
    };
    const outcome = await senderOf(server, ["old"]).send([rowOf(1, "x")]);
    should(outcome).eql({ done: 1, failed: new Map() });
    should(server.documents.get("x")?.json).equal('{"by":2}');
  });

  it("rejects a document that is changed each time, after so many retries", async () => {
    const server = serverOf({ x: '{"old":1}' });
    server.meanwhile = () =>
      void ((server.documents.get("x") as Stored).seqNo += 1);
    const sender = senderOf(server, ["old"], { retries: 2 });
    const { done, failed } = await sender.send([rowOf(1, "x")]);
    should(done).equal(0);
    should(failed.get(1)?.code).equal("version_conflict");
    should(server.writes).have.length(3);
  });

  it("does not write back what a pipe has changed", async () => {
    const server = new FakeServer(new Map([["x", { seqNo: 1 }]]));
    const { failed } = await senderOf(server, ["old"]).send([rowOf(1, "x")]);
    should(failed.get(1)?.reason).match(/A pipe of the application/);
    should(server.writes).eql([]);
  });

  it("writes documents, which are larger than their rows, in requests that fit", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `x${i}`);
    const text = JSON.stringify({ text: "x".repeat(200), old: 1 });
    const server = serverOf(Object.fromEntries(ids.map((id) => [id, text])));
    const sender = senderOf(server, ["old"], { maxBytes: 1_000 });
    const { done } = await sender.send(ids.map((id, i) => rowOf(i + 1, id)));
    should(done).equal(20);
    should(server.writes.flatMap((each) => each.ids)).eql(ids);
    for (const { bytes } of server.writes) should(bytes).be.belowOrEqual(1_000);
  });

  it("rejects a document that no request can hold, and writes the others", async () => {
    const server = serverOf({
      large: JSON.stringify({ text: "x".repeat(2_000), old: 1 }),
      small: '{"old":1}',
    });
    const sender = senderOf(server, ["old"], { maxBytes: 1_000 });
    const rows = [rowOf(1, "large"), rowOf(2, "small")];
    const { done, failed } = await sender.send(rows);
    should(done).equal(1);
    should(failed.get(1)).match({ code: "too_large", status: 413 });
    should(server.documents.get("small")?.json).equal("{}");
  });
});
