import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import fc from "fast-check";
import should from "should";

import {
  ApiError,
  type Call,
  ConnectionLost,
} from "../../../../bin/connection/connection";
import { InputBrokenOff, InputError } from "../../../../bin/input/rawRow";
import type { LoadJob } from "../../../../bin/load/job";
import { load } from "../../../../bin/load/load";
import { PLAIN as PLAIN_WRAP } from "../../../../bin/load/wrap";
import { UsageError } from "../../../../bin/usage";
import { fillDisk } from "../support";

interface Sent {
  readonly key: string;
  readonly ids: string[];
}

/** Keeps documents and keys as the plugin does; its response times are random. */
class FakeServer {
  readonly server = "fake";
  readonly envelopeBytes = 0;
  readonly hasUser = true;
  readonly timeoutMs = 1_000;
  readonly documents = new Map<string, { body: unknown; version: number }>();
  readonly sent: Sent[] = [];
  private readonly answers = new Map<string, unknown>();
  /** the number of the request, from 1, that fails */
  failAt = Infinity;
  isFailureBefore = false;
  failure: Error = new ConnectionLost("no more");

  async call({ body, args }: Call): Promise<unknown> {
    should((body as Buffer).length).be.belowOrEqual(300);
    const { documents } = JSON.parse((body as Buffer).toString());
    const key = String(args?.idempotencyKey);
    this.sent.push({ key, ids: documents.map((each: any) => each._id) });
    const n = this.sent.length;
    await sleep(Math.random() * 4);
    if (n === this.failAt && this.isFailureBefore) throw this.failure;
    if (!this.answers.has(key)) this.answers.set(key, this.write(documents));
    if (n === this.failAt) throw this.failure;
    return this.answers.get(key);
  }

  private write(documents: any[]): unknown {
    const errors: object[] = [];
    documents.forEach(({ _id, json }, position) => {
      const body = JSON.parse(json);
      if (body.bad) {
        errors.push({ position, code: "mapping", status: 400, reason: "bad" });
        return;
      }
      const version = (this.documents.get(_id)?.version ?? 0) + 1;
      this.documents.set(_id, { body, version });
    });
    return { errors };
  }

  logIn = async () => false;
  close = () => undefined;
}

const PLAIN = { checkpointFile: undefined, rejectsFile: undefined };

describe("load", function () {
  this.timeout(20_000);
  let folder: string;
  const file = (name: string) => path.join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "kuzzle-batch-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const job = (options: Partial<LoadJob> = {}): LoadJob => ({
    input: file("input"),
    inputOptions: {
      ...{ format: "auto", bare: false, delimiter: undefined },
      types: new Map(),
      ...{ nested: false, force: false },
    },
    idField: undefined,
    target: {
      ...{ action: "mWrite", index: "i", collection: "c" },
      ...{ args: {}, wrap: PLAIN_WRAP, assignsIds: true },
    },
    strict: false,
    concurrency: 3,
    rejectsFile: file("rejects"),
    checkpointFile: file("checkpoint"),
    limits: { maxBytes: 300, maxDocuments: 5 },
    retryForMs: 0,
    rememberedIds: 1_000,
    allowEmpty: false,
    ...{ flushEveryMs: undefined, rate: undefined },
    ...options,
  });
  const notes: string[] = [];
  const report = {
    onBegin: () => undefined,
    onProgress: () => undefined,
    onRejected: () => undefined,
    onNote: (text: string) => notes.push(text),
  };
  const run = (
    server: FakeServer | undefined,
    options: Partial<LoadJob> = {},
    signal = new AbortController().signal,
  ) => load(job(options), server, report, signal);

  /**
   * Rows of all kinds: `x` broken, `b` rejected by the server, `n` without id, `d` a
   * duplicate.
   */
  function write(kinds: string): void {
    writeFileSync(
      file("input"),
      [...kinds]
        .map((kind, i) => {
          if (kind === "x") return "{";
          if (kind === "n") return `{"body":{"row":${i + 1}}}`;
          const id = kind === "d" ? "row-1" : `row-${i + 1}`;
          const bad = kind === "b" ? ',"bad":true' : "";
          return `{"_id":"${id}","body":{"row":${i + 1}${bad}}}`;
        })
        .join("\n"),
    );
  }

  const rejects = () =>
    readFileSync(file("rejects"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).reject)
      .filter((reject) => reject !== undefined)
      .map(({ line, code }) => `${line} ${code}`);

  function expectedRejects(kinds: string): string[] {
    const codes = { x: "invalid", b: "mapping", d: "duplicate" };
    return [...kinds].flatMap((kind, i) => {
      const code = codes[kind as keyof typeof codes];
      return code === undefined ? [] : [`${i + 1} ${code}`];
    });
  }

  const kindsOf = (length: number) =>
    Array.from({ length }, (_, i) => "ookonbxdo"[(i * 7) % 9]).join("");

  it("writes what can be written, and reports the rest in the order of the input", async () => {
    const kinds = `o${kindsOf(80)}`;
    write(kinds);
    const server = new FakeServer();
    const { end, counts } = await run(server);
    should(end).equal("all");
    should(rejects()).eql(expectedRejects(kinds));
    should(counts).eql({
      done: server.documents.size,
      rejected: rejects().length,
    });
    should(server.sent.every(({ ids }) => ids.length <= 5)).be.true();
  });

  it("has the same result wherever it was interrupted and resumed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("o", "o", "n", "b", "x", "d"), {
          maxLength: 60,
        }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.boolean()), {
          maxLength: 4,
        }),
        async (list, failures) => {
          const kinds = `o${list.join("")}`;
          write(kinds);
          for (const name of ["checkpoint", "rejects"]) {
            rmSync(file(name), { force: true });
          }
          const server = new FakeServer();
          for (const [failure, isBefore] of failures) {
            server.failAt = server.sent.length + failure;
            server.isFailureBefore = isBefore;
            const broke = await run(server).then(
              () => false,
              ({ message }: Error) => message === "no more",
            );
            // as after a kill: rows that the checkpoint does not contain
            if (broke) {
              const unknown = '{"reject":{"line":0,"code":"unknown"}}\n';
              appendFileSync(file("rejects"), `${unknown}${unknown}{"half a`);
            }
          }
          server.failAt = Infinity;
          await run(server);

          should(rejects()).eql(expectedRejects(kinds));
          const written = [...server.documents.values()];
          should(
            written
              .map(({ body }) => (body as { row: number }).row)
              .sort((one, other) => one - other),
          ).eql(
            [...kinds].flatMap((kind, i) =>
              "on".includes(kind) ? [i + 1] : [],
            ),
          );
          should(written.every(({ version }) => version === 1)).be.true();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("has each rejected row once and whole after the disk was full", async () => {
    const kinds = "oxobnxod".repeat(5);
    write(kinds);
    for (const bytesLeft of [0, 10, 500, 1_500]) {
      for (const name of ["checkpoint", "rejects"]) {
        rmSync(file(name), { force: true });
      }
      const server = new FakeServer();
      const makeRoom = await fillDisk(bytesLeft);
      await should(run(server))
        .be.rejectedWith(/ENOSPC/)
        .finally(makeRoom);
      await run(server);
      should(rejects()).eql(expectedRejects(kinds));
    }
  });

  it("has saved who it is before it sends anything", async () => {
    write("on");
    const server = new FakeServer();
    let runId = "";
    const call = server.call.bind(server);
    server.call = async (request) => {
      runId = JSON.parse(readFileSync(file("checkpoint"), "utf8")).runId;
      return call(request);
    };
    await run(server);
    should([...server.documents.keys()]).eql(["row-1", `${runId}-2`]);
  });

  it("does not treat a byte order mark as text, compressed or not", async () => {
    const { gzipSync } = await import("node:zlib");
    const text = '\ufeff{"_id":"a","body":{}}';
    for (const bytes of [Buffer.from(text), gzipSync(text)]) {
      writeFileSync(file("input"), bytes);
      const { counts } = await run(new FakeServer(), PLAIN);
      should(counts).eql({ done: 1, rejected: 0 });
    }
  });

  it("writes files that only their owner may read", async () => {
    write("ob");
    await run(new FakeServer());
    for (const name of ["checkpoint", "rejects"]) {
      should(statSync(file(name)).mode & 0o777).equal(0o600);
    }
  });

  it("does nothing once it is complete", async () => {
    write("oob");
    const server = new FakeServer();
    await run(server);
    const { end, counts } = await run(server);
    should(end).equal("already complete");
    should(counts).eql({ done: 2, rejected: 1 });
    should(server.sent).have.length(1);
  });

  it("continues with what was added to the input since it was interrupted", async () => {
    write("o".repeat(20));
    const server = new FakeServer();
    server.failAt = 3;
    await run(server).should.be.rejected();
    write("o".repeat(30));
    server.failAt = Infinity;
    await run(server);
    should(server.documents.size).equal(30);
  });

  it("rejects another input, other options, and a server with lower limits", async () => {
    write("o".repeat(20));
    const server = new FakeServer();
    server.failAt = 3;
    await run(server).should.be.rejected();
    const before = server.sent.length;

    await run(server, { idField: "row" }).should.be.rejectedWith(/idField/);
    await run(server, {
      limits: { maxBytes: 200, maxDocuments: 5 },
    }).should.be.rejectedWith(/300 bytes.*200/);
    write(`n${"o".repeat(19)}`);
    await run(server).should.be.rejectedWith(/not that of the checkpoint/);
    write("o");
    await run(server).should.be.rejectedWith(/not that of the checkpoint/);
    rmSync(file("rejects"));
    writeFileSync(file("checkpoint"), "{}");
    await run(server).should.be.rejectedWith(UsageError);
    should(server.sent).have.length(before);
  });

  it("does not write over rejects of another run", async () => {
    write("ox");
    writeFileSync(file("rejects"), "precious\n");
    await run(new FakeServer()).should.be.rejectedWith(/already exists/);
    should(readFileSync(file("rejects"), "utf8")).equal("precious\n");
  });

  it("reports when it has not compared all ids", async () => {
    write("oood");
    notes.length = 0;
    should(
      (await run(undefined, { ...PLAIN, rememberedIds: 3 })).counts.rejected,
    ).equal(1);
    should(notes[0]).match(/first 3 ids/);
  });

  it("stops at the first rejected row when it is strict, be it ours or the server's", async () => {
    // 13 requests of 5 rows: the one that is partly rejected, the one before it, and those
    // that may be in flight or wait for it meanwhile
    for (const [kind, most] of [
      ["x", 7],
      ["b", 13 * 5 - 1],
    ] as const) {
      for (const name of ["checkpoint", "rejects"]) {
        rmSync(file(name), { force: true });
      }
      write(`${"o".repeat(7)}${kind}${"o".repeat(200)}`);
      const server = new FakeServer();
      const { end, counts } = await run(server, { strict: true });
      should(end).equal("strict");
      should(counts.rejected).equal(1);
      should(server.documents.size).be.within(7, most);
      should(JSON.parse(readFileSync(file("checkpoint"), "utf8"))).match({
        complete: false,
      });
    }
  });

  it("ends in order at a signal, and can be taken up", async () => {
    write("o".repeat(100));
    const server = new FakeServer();
    const stop = new AbortController();
    const call = server.call.bind(server);
    server.call = async (request) => {
      if (server.sent.length === 5) stop.abort();
      return call(request);
    };
    const { end, counts } = await run(server, {}, stop.signal);
    should(end).equal("signal");
    should(counts.done).equal(server.documents.size);
    should(counts.done).be.within(5, 60);
    await run(server);
    should(server.documents.size).equal(100);
    const keys = server.sent.map(({ key }) => key);
    should(new Set(keys).size).equal(keys.length, "nothing is sent again");
  });

  it("sends nothing in a dry run, and rejects what can be seen", async () => {
    write("oxbdo");
    const { counts } = await run(undefined, { checkpointFile: undefined });
    should(counts).eql({ done: 3, rejected: 2 });
    should(rejects()).eql(["2 invalid", "4 duplicate"]);
  });

  it("stops before anything is sent when no row is an envelope", async () => {
    const server = new FakeServer();
    writeFileSync(file("input"), '{"a":1}\n'.repeat(3));
    await run(server).should.be.rejectedWith(InputError);
    writeFileSync(file("input"), '{"a":1}\n'.repeat(500));
    await run(server).should.be.rejectedWith(/--bare/);
    should(server.sent).have.length(0);
    const { bare: _, ...others } = job().inputOptions;
    await run(server, { inputOptions: { ...others, bare: true } });
    should(server.documents.size).equal(500);
  });

  it("leaves no checkpoint if the server rejected the first request", async () => {
    write("o".repeat(50));
    const server = new FakeServer();
    server.call = async () => {
      throw new ApiError(412, "x", "no such collection");
    };
    await run(server).should.be.rejectedWith("no such collection");
    should(existsSync(file("checkpoint"))).be.false();
    should(existsSync(file("rejects"))).be.false();
  });

  it("writes what came before an input breaks off, and can be taken up", async () => {
    const { gzipSync } = await import("node:zlib");
    write("o".repeat(3_000));
    const packed = gzipSync(readFileSync(file("input")));
    const cut = { input: file("input.gz") };
    writeFileSync(cut.input, packed.subarray(0, packed.length - 200));
    const server = new FakeServer();
    await run(server, cut).should.be.rejectedWith(InputBrokenOff);
    should(server.documents.size).be.within(100, 2_999);
    writeFileSync(cut.input, packed);
    await run(server, cut);
    should(server.documents.size).equal(3_000);
    should(
      [...server.documents.values()].every(({ version }) => version === 1),
    ).be.true();
  });

  it("stops at an empty input unless it may be empty", async () => {
    for (const text of ["", "\n \n"]) {
      writeFileSync(file("input"), text);
      await run(new FakeServer()).should.be.rejectedWith(/input is empty/);
      should(existsSync(file("checkpoint"))).be.false();
    }
    const { counts } = await run(new FakeServer(), { allowEmpty: true });
    should(counts).eql({ done: 0, rejected: 0 });
  });

  it("reads lines that end with CR alone", async () => {
    for (const text of [
      "_id,a\r1,2\r3,4\r",
      '{"_id":"1","body":{}}\r{"_id":"3","body":{}}',
    ]) {
      writeFileSync(file("input"), text);
      const server = new FakeServer();
      const { bare, ...others } = job().inputOptions;
      await run(server, {
        ...PLAIN,
        inputOptions: {
          ...{ ...others, bare },
          format: text.startsWith("_id") ? "csv" : "auto",
        },
      });
      should([...server.documents.keys()]).eql(["1", "3"]);
    }
  });

  it("reads the array at a path of a JSON object", async () => {
    writeFileSync(
      file("input"),
      '{"error":null,"a":{"b":["x"]},"result":{"hits":["[",1],"documents":[{"_id":"1","_source":{"documents":[]}},{"_id":"2","body":{}}],"more":[1]}}',
    );
    const at = (path: string) => ({
      ...PLAIN,
      inputOptions: { ...job().inputOptions, path },
    });
    const server = new FakeServer();
    await run(server, at("result.documents"));
    should([...server.documents.keys()]).eql(["1", "2"]);
    await run(server, at("documents")).should.be.rejectedWith(/no array at/);
  });

  it("feeds rejects back by the options of their import", async () => {
    writeFileSync(file("input"), "k,n\na,1\nb,x\na,3\n");
    const options = {
      idField: "k",
      inputOptions: {
        ...job().inputOptions,
        format: "csv" as const,
        types: new Map([["n", "number" as const]]),
      },
      checkpointFile: undefined,
    };
    const server = new FakeServer();
    await run(server, options);
    should(rejects()).eql(["3 invalid", "4 duplicate"]);

    const again = { ...PLAIN, input: file("rejects") };
    const { counts } = await run(server, again);
    should(counts).eql({ done: 0, rejected: 2 });
    const text = readFileSync(file("rejects"), "utf8");
    writeFileSync(file("rejects"), text.replace('"b,x"', '"b,2"'));
    await run(server, again);
    should(server.documents.get("b")?.body).eql({ k: "b", n: 2 });
    should(server.documents.get("a")?.body).eql({ k: "a", n: 1 });
  });

  it("resumes when options differ that change no document", async () => {
    write("o".repeat(20));
    const server = new FakeServer();
    server.failAt = 3;
    await run(server).should.be.rejected();
    server.failAt = Infinity;
    const { target } = job();
    await run(server, {
      input: path.relative(process.cwd(), file("input")),
      target: { ...target, args: { refresh: "wait_for" } },
    });
    should(server.documents.size).equal(20);
  });

  it("reports why an input cannot be opened", async () => {
    const missing = { input: file("nowhere") };
    await run(undefined, missing).should.be.rejectedWith(InputError);
    const utf16 = Buffer.from("\ufeff{}", "utf16le");
    writeFileSync(file("input"), utf16);
    await run(undefined).should.be.rejectedWith(/UTF-16/);
    writeFileSync(file("input"), "a,b\n1,2\n");
    await run(undefined).should.be.rejectedWith(/--format/);
  });
});
