import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";

import should from "should";

import {
  type Call,
  ConnectionLost,
} from "../../../../bin/connection/connection";
import {
  ReliableConnection,
  ServerGone,
} from "../../../../bin/connection/ReliableConnection";
import { exportDocuments } from "../../../../bin/export/exportDocuments";
import type { ExportJob } from "../../../../bin/export/job";
import { fillDisk } from "../support";

/** A collection, and a search in it that returns three ids at a time. */
class FakeServer {
  readonly server = "fake";
  readonly envelopeBytes = 0;
  readonly hasUser = false;
  readonly timeoutMs = 1_000;
  readonly documents = new Map<string, object>();
  readonly asked: string[][] = [];
  searches = 0;
  lostPages = 0;
  private left: string[] = [];
  /** called before each batchGet, with its number from 1 */
  onGet: (n: number) => void = () => undefined;

  constructor(count: number) {
    for (let i = 1; i <= count; i++) this.documents.set(`id ${i}`, { i });
  }

  async call({ action, body, args }: Call): Promise<unknown> {
    switch (action) {
      case "search":
        this.searches += 1;
        should(JSON.parse(String(body))).have.property("_source", false);
        this.left = [...this.documents.keys()];
        return this.page();
      case "scroll":
        should(args?.scrollId).equal("the scroll");
        if (this.lostPages > 0) {
          this.lostPages -= 1;
          this.left.splice(0, 3);
          throw new ConnectionLost("cut");
        }
        return this.page();
      case "batchGet":
        return this.get(JSON.parse(String(body)).ids);
      case "getMapping":
        return { properties: { i: { type: "long" } } };
      default:
        throw new Error(`nobody asks for ${action}`);
    }
  }

  private page() {
    const hits = this.left.splice(0, 3).map((_id) => ({ _id }));
    return { hits, total: this.documents.size, scrollId: "the scroll" };
  }

  private get(ids: string[]) {
    this.asked.push(ids);
    this.onGet(this.asked.length);
    const found = ids.filter((id) => this.documents.has(id));
    return {
      documents: found.map((_id) => ({
        ...{ _id, _source: this.documents.get(_id), _version: 1 },
      })),
      not_found: ids.filter((id) => !this.documents.has(id)),
      errors: [],
      unprocessed: [],
    };
  }

  logIn = async () => false;
  close = () => undefined;
}

describe("export", function () {
  this.timeout(20_000);
  let folder: string;
  const file = (name: string) => path.join(folder, name);
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "export-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const job = (output: string, others: Partial<ExportJob> = {}): ExportJob => ({
    place: { index: "world", collection: "places" },
    search: { query: {}, lang: "elasticsearch", sort: undefined },
    ...{ format: "ndjson", delimiter: ",", fields: undefined },
    output: file(output),
    ...{ checkpointFile: undefined, concurrency: 2 },
    ...{ maxRequestIds: 2, maxRequestBytes: 1_000, maxPageIds: 3 },
    ...others,
  });

  async function run(
    server: FakeServer,
    what: ExportJob,
    signal = new AbortController().signal,
  ) {
    const notes: string[] = [];
    const reliable = new ReliableConnection(server, {
      ...{ retryForMs: 0, onWait: () => undefined, signal },
    });
    const result = await exportDocuments(
      ...([what, server, reliable] as const),
      {
        onFound: () => undefined,
        onListed: () => undefined,
        onProgress: () => undefined,
        onError: (line) => notes.push(line),
        onNote: (text) => notes.push(text),
      },
      signal,
    );
    return { ...result, notes };
  }

  const rows = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => `{"_id":"id ${i + 1}","body":{"i":${i + 1}}}`,
    );

  it("writes each document once, in the order of the search", async () => {
    const server = new FakeServer(10);
    const { end, counts } = await run(server, job("a.ndjson"));
    should(end).equal("all");
    should(counts).eql({ exported: 10, deleted: 0, errors: 0 });
    should(readFileSync(file("a.ndjson"), "utf8")).equal(
      `${rows(10).join("\n")}\n`,
    );
    should(statSync(file("a.ndjson")).mode & 0o777).equal(0o600);
  });

  it("writes a JSON array and CSV, packed by their names", async () => {
    const server = new FakeServer(3);
    await run(server, job("a.json.gz", { format: "json" }));
    should(JSON.parse(String(gunzipSync(readFileSync(file("a.json.gz")))))).eql(
      rows(3).map((row) => JSON.parse(row)),
    );
    await run(server, job("a.csv", { format: "csv" }));
    should(readFileSync(file("a.csv"), "utf8")).equal(
      "_id,i\nid 1,1\nid 2,2\nid 3,3\n",
    );
    await run(new FakeServer(0), job("none.json", { format: "json" }));
    should(JSON.parse(readFileSync(file("none.json"), "utf8"))).eql([]);
  });

  it("counts documents that are deleted between the search and the read", async () => {
    const server = new FakeServer(5);
    server.onGet = () => server.documents.delete("id 3");
    const { counts } = await run(server, job("a.ndjson", { maxRequestIds: 1 }));
    should(counts).eql({ exported: 4, deleted: 1, errors: 0 });
  });

  it("restarts the search when a page is lost, which cannot be requested again", async () => {
    const server = new FakeServer(10);
    server.lostPages = 2;
    const { counts, notes } = await run(server, job("a.ndjson"));
    should(counts.exported).equal(10);
    should(server.searches).equal(3);
    should(notes[0]).match(/lost \(cut\)/);

    server.lostPages = 100;
    await should(run(server, job("b.ndjson"))).be.rejectedWith(ServerGone);
    should(existsSync(file("b.ndjson"))).be.false();
  });

  it("resumes where it ended, with the same documents in the same order", async () => {
    for (const format of ["ndjson", "json"] as const) {
      for (let failAt = 1; failAt <= 5; failAt++) {
        const server = new FakeServer(10);
        const output = `${format}-${failAt}.gz`;
        const what = job(output, {
          ...{ format, checkpointFile: file(`${output}.checkpoint`) },
        });
        server.onGet = (n) => {
          if (n === failAt) throw new ConnectionLost("gone");
        };
        await should(run(server, what)).be.rejectedWith(ServerGone);
        // what follows the checkpoint is truncated
        if (existsSync(file(output))) {
          const known = readFileSync(file(output));
          writeFileSync(file(output), Buffer.concat([known, known]));
        }
        const { end, counts } = await run(server, what);
        should(end).equal("all");
        should(counts.exported).equal(10);
        should(server.searches).equal(1);
        const text = String(gunzipSync(readFileSync(file(output))));
        const written = format === "json" ? JSON.parse(text) : undefined;
        if (written)
          should(written).eql(rows(10).map((row) => JSON.parse(row)));
        else should(text).equal(`${rows(10).join("\n")}\n`);
        should((await run(server, what)).end).equal("already complete");
      }
    }
  });

  it("loses nothing on a full disk", async () => {
    for (const format of ["ndjson", "json"] as const) {
      for (const bytesLeft of [0, 5, 60, 150]) {
        const server = new FakeServer(10);
        const output = `${format}-${bytesLeft}`;
        const what = job(output, {
          ...{ format, checkpointFile: file(`${output}.checkpoint`) },
        });
        const makeRoom = await fillDisk(bytesLeft);
        await should(run(server, what))
          .be.rejectedWith(/ENOSPC/)
          .finally(makeRoom);
        should((await run(server, what)).counts.exported).equal(10);
        const text = readFileSync(file(output), "utf8");
        const wanted = rows(10).map((row) => JSON.parse(row));
        should(
          format === "json"
            ? JSON.parse(text)
            : text
                .trimEnd()
                .split("\n")
                .map((row) => JSON.parse(row)),
        ).eql(wanted);
      }
    }
  });

  it("ends gracefully at a signal, and rejects other options when it resumes", async () => {
    const server = new FakeServer(10);
    const stop = new AbortController();
    const what = job("a.ndjson", { checkpointFile: file("checkpoint") });
    server.onGet = (n) => n === 2 && stop.abort();
    should((await run(server, what, stop.signal)).end).equal("signal");
    await should(run(server, { ...what, fields: ["i"] })).be.rejectedWith(
      /fields null/,
    );
    should((await run(server, what)).counts.exported).equal(10);
  });

  it("requests as many ids as fit", async () => {
    const server = new FakeServer(10);
    await run(
      server,
      job("a.ndjson", { maxRequestIds: 1_000, maxRequestBytes: 16 }),
    );
    should(server.asked.every((ids) => ids.length <= 2)).be.true();
    should(server.asked.flat()).have.length(10);
  });
});
