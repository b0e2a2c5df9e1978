import {
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

import should from "should";

import { InputError } from "../../../../bin/input/rawRow";
import { FakeServer, PLAIN, useLoad } from "./support";

describe("load", function () {
  this.timeout(20_000);
  const { file, job, notes, run, write, rejects, expectedRejects, kindsOf } =
    useLoad();

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
