/** What the command exports, copies and deletes, run against a Kuzzle. */

import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import { copyCollection } from "../load/exact/copies";
import { userWho } from "../../features/support/kuzzle";
import { ADMIN, run, start } from "../load/import/command";
import { assertEnd, commandFixture, load } from "./support/commandFixture";
import { ask, collectionPath } from "./support/engine";

const INDEX = "engine-export";

describe("kuzzle-batch: export and delete", function () {
  this.timeout(60_000);
  const { collection, count, file, source, uses } = commandFixture(INDEX);

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
      /^No documents found/m,
    );
    assertEnd(
      await load(["export", INDEX, name, file("out.xlsx")]),
      2,
      /^\.xlsx is not an export format/m,
    );
  });

  it("exports each document that exists throughout once, whatever others write meanwhile", async () => {
    const name = await collection("busy");
    const ids = Array.from({ length: 600 }, (_, i) => `n${i}`);
    const gone = Array.from({ length: 150 }, (_, i) => `gone${i}`);
    const rowsOf = (some: readonly string[], version: number) =>
      some.map((_id) => `{"_id":"${_id}","body":{"v":${version}}}`).join("\n");
    const all = rowsOf([...gone, ...ids], 1);
    await load(["import", INDEX, name, "--refresh"], all);
    const slowly = ["--max-request-documents", "20", "--concurrency", "1"];
    const [{ code, stdout, stderr }] = await Promise.all([
      load(["export", INDEX, name, ...slowly]),
      load(["import", INDEX, name, ...slowly], rowsOf(ids, 2)),
      load(["delete", INDEX, name, "-", ...slowly], gone.join("\n")),
      load(
        ["import", INDEX, name],
        rowsOf(
          ids.map((id) => `new-${id}`),
          3,
        ),
      ),
    ]);
    should(code).equal(0, stderr);
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((row) => JSON.parse(row));
    const exported = rows.filter(({ _id }) => /^n\d/.test(_id));
    should(exported.map(({ _id }) => _id).sort()).eql([...ids].sort());
    should(exported.every(({ body }) => [1, 2].includes(body.v))).be.true();
    const found = new Set(rows.map(({ _id }) => _id));
    should(found.size).equal(rows.length);
    const [, deleted = "0"] = /([\d,]+) deleted meanwhile/.exec(stderr) ?? [];
    const kept = gone.filter((id) => found.has(id)).length;
    should(kept + Number(deleted)).equal(gone.length);
  });

  it("needs the native rights for the collection", async () => {
    const names = ["allowed", "forbidden"];
    for (const each of names) {
      await load(
        ["import", INDEX, await collection(each), "--refresh"],
        '{"_id":"a","body":{}}',
      );
    }
    const onOne = ["mGet", "search", "scroll"].map((action) => ({
      action: `document:${action}`,
      where: [`${INDEX}:allowed`],
    }));
    const anywhere = ["batch:limits", "batch:batchGet"].map((action) => ({
      ...{ action, where: [] },
    }));
    const env = { KUZZLE_API_KEY: await userWho([...onOne, ...anywhere]) };
    assertEnd(
      await run(["export", INDEX, "allowed", file("allowed.ndjson")], env),
      0,
      /^1 exported/m,
    );
    assertEnd(
      await run(["export", INDEX, "forbidden", file("forbidden.ndjson")], env),
      3,
      /^Kuzzle answered 403: .*document:search/m,
    );
    should(existsSync(file("forbidden.ndjson"))).be.false();
  });

  it("creates a collection with the mappings of another, and never replaces with --create", async () => {
    const name = await collection("mapped");
    uses("mapped-copy");
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

  it("deletes the rest when a killed deletion is run again", async () => {
    const name = await collection("killed-deletion");
    const ids = Array.from({ length: 2_000 }, (_, i) => `n${i}`);
    const rows = [...ids, "kept"].map((_id) =>
      JSON.stringify({ _id, body: {} }),
    );
    await load(["import", INDEX, name], rows.join("\n"));
    const args = ["delete", INDEX, name, "-", "--concurrency", "1"];
    const { child, ended } = start(
      [...args, "--max-request-documents", "10"],
      ADMIN,
      ids.join("\n"),
    );
    while ((await count(name)) > 1_800) await sleep(50);
    child.kill("SIGKILL");
    should((await ended).signal).equal("SIGKILL");
    const left = await count(name);
    should(left).be.above(1);

    const again = await load([...args, "--json"], ids.join("\n"));
    should(again.code).equal(1, again.stderr);
    const { deleted, notFound, errors } = JSON.parse(again.stdout);
    // a request that was in flight at the kill may have ended after the count
    should(deleted).be.within(left - 1 - 10, left - 1);
    should([deleted + notFound, errors]).eql([2_000, 0]);
    should(await count(name)).equal(1);
    assertEnd(
      await load(["delete", INDEX, name, "--query", "{}", "--refresh"]),
      0,
      /^1 deleted, 0 not found/m,
    );
    assertEnd(
      await load(["delete", INDEX, name, "--query", "{}"]),
      0,
      /No documents found/,
    );
  });

  it("[R13] copies a collection byte for byte, by get and by export", async () => {
    const copies = ["original", "gotten", "exported"];
    copies.forEach(uses);
    const reports = await copyCollection({
      ...{ folder: file(""), index: INDEX, documents: 2_000 },
      seed: Date.now() % 1e9,
    });
    should(reports.map(({ same }) => same)).eql([2_000, 2_000]);
  });
});
