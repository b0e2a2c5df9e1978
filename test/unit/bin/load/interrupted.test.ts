import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import fc from "fast-check";
import should from "should";

import { ApiError } from "../../../../bin/connection/connection";
import { InputBrokenOff } from "../../../../bin/input/rawRow";
import { UsageError } from "../../../../bin/usage";
import { fillDisk } from "../support";
import { FakeServer, useLoad } from "./support";

describe("a load that is interrupted", function () {
  this.timeout(20_000);
  const { file, job, run, write, rejects, expectedRejects } = useLoad();

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
});
