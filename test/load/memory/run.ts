/**
 * How much memory the command needs for collections of several sizes: the peak of its process for
 * an import, an export to each format, a copy of the same documents with `get | import`, and a
 * deletion. Fails above what the documentation promises. `npm run test:memory` runs it against
 * its own Kuzzle and engines.
 *
 *   npm run test:memory -- --documents 20000,200000 --only import,export
 */
import assert from "node:assert/strict";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

import {
  createCollection,
  handBack,
  releaseCollection,
  takeOver,
} from "../../../features/support/kuzzle";
import { ADMIN, run } from "../import/command";

const INDEX = "memory";
/** As documented for the command, for a run that remembers 2,000,000 ids. */
const LIMIT_MB = 200;
const PEAK = path.join(__dirname, "peak.cjs");

const MAPPINGS = {
  dynamic: "false",
  properties: { n: { type: "integer" }, name: { type: "keyword" } },
};

/** Each step with its arguments, in an order in which they can run. */
function steps(collection: string, file: (name: string) => string) {
  const place = [INDEX, collection];
  return {
    import: ["import", ...place, file("in.ndjson"), "--refresh"],
    update: ["update", ...place, file("in.ndjson")],
    export: ["export", ...place, file("out.ndjson.gz")],
    csv: ["export", ...place, file("out.csv"), "--sort", "n"],
    get: ["get", ...place, "--ids", file("ids.txt"), "--found", file("got")],
    delete: ["delete", ...place, "--query", "{}"],
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      documents: { type: "string", default: "20000,200000" },
      only: { type: "string" },
    },
  });
  const only = values.only?.split(",");
  const folder = mkdtempSync(path.join(os.tmpdir(), "memory-"));
  let most = 0;
  await takeOver();
  try {
    for (const documents of values.documents.split(",").map(Number)) {
      for (const [name, args] of Object.entries(
        await prepare(folder, documents),
      )) {
        if (only && !only.includes(name)) continue;
        const { megabytes, seconds } = await measured(folder, args);
        most = Math.max(most, megabytes);
        console.log(
          `${documents} documents, ${name}: ${megabytes.toFixed(0)} MB, ${seconds.toFixed(0)} s`,
        );
      }
      await releaseCollection(`${INDEX}:n${documents}`, false);
    }
  } finally {
    await handBack();
    rmSync(folder, { recursive: true });
  }
  assert.ok(most < LIMIT_MB, `more than ${LIMIT_MB} MB`);
  console.log(`✓ less than ${LIMIT_MB} MB each`);
}

async function prepare(folder: string, documents: number) {
  const file = (name: string) => path.join(folder, name);
  const collection = `n${documents}`;
  await createCollection(`${INDEX}:${collection}`, MAPPINGS);
  await write(file("ids.txt"), documents, (n) => `d${n}\n`);
  await write(
    file("in.ndjson"),
    documents,
    (n) => `{"_id":"d${n}","body":{"n":${n},"name":"place ${n}"}}\n`,
  );
  return steps(collection, file);
}

async function write(
  file: string,
  count: number,
  line: (n: number) => string,
): Promise<void> {
  function* lines(): Generator<string> {
    for (let n = 0; n < count; n++) yield line(n);
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

async function measured(
  folder: string,
  args: readonly string[],
): Promise<{ megabytes: number; seconds: number }> {
  const peak = path.join(folder, "peak");
  const begun = performance.now();
  const { code, stderr } = await run(args, {
    ...ADMIN,
    NODE_OPTIONS: `--require ${PEAK}`,
    PEAK_FILE: peak,
  });
  assert.equal(code, 0, stderr);
  return {
    megabytes: Number(readFileSync(peak, "utf8")) / 1024,
    seconds: (performance.now() - begun) / 1000,
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
