/**
 * Compares copies of a collection made by the command byte for byte with the original: what
 * the engine stores for each document, bypassing Kuzzle.
 */
import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import path from "node:path";

import fc from "fast-check";

import { storedTexts } from "../../../features/support/bytes";
import { createCollection } from "../../../features/support/kuzzle";
import { ask, collectionPath } from "../../integration/support/engine";
import { objectTexts } from "../../support/jsonTexts";
import { ADMIN, run } from "../import/command";

/** The engine parses no field, so it keeps numbers that no field type could hold. */
const MAPPINGS = { dynamic: "false" };

const BULK_DOCUMENTS = 1_000;

export interface CopyPlan {
  readonly folder: string;
  readonly index: string;
  readonly documents: number;
  readonly seed: number;
}

export interface CopyReport {
  readonly copy: string;
  /** documents with identical bytes */
  readonly same: number;
  readonly megabytes: number;
  readonly seconds: number;
}

/**
 * Fills a collection with random documents, and copies it with `get | import` and with
 * `export | import`.
 *
 * @throws AssertionError for the first document of a copy that differs
 */
export async function copyCollection(plan: CopyPlan): Promise<CopyReport[]> {
  const { folder, index } = plan;
  const file = (name: string) => path.join(folder, name);
  for (const name of ["original", "gotten", "exported"]) {
    await createCollection(`${index}:${name}`, MAPPINGS);
  }
  const ids = await fill(plan, "original");
  writeFileSync(file("ids.txt"), ids.map((id) => `${id}\n`).join(""));

  const copies = {
    gotten: [
      ...["get", index, "original", "--ids", file("ids.txt")],
      ...["--found", file("gotten.ndjson")],
    ],
    exported: ["export", index, "original", file("exported.ndjson")],
  };
  const reports: CopyReport[] = [];
  for (const [copy, reading] of Object.entries(copies)) {
    const begun = performance.now();
    const rows = file(`${copy}.ndjson`);
    await succeed(reading);
    await succeed(["import", index, copy, rows]);
    const seconds = (performance.now() - begun) / 1000;
    const megabytes = statSync(rows).size / 1e6;
    const same = await compare(index, "original", copy, ids);
    reports.push({ copy, same, megabytes, seconds });
  }
  return reports;
}

/** @returns the ids, in the order of the documents */
async function fill(
  { index, documents, seed }: CopyPlan,
  collection: string,
): Promise<string[]> {
  const texts = fc.sample(objectTexts(), { numRuns: documents, seed });
  const ids = texts.map((_, i) => `document-${i}`);
  for (let from = 0; from < documents; from += BULK_DOCUMENTS) {
    const lines = texts
      .slice(from, from + BULK_DOCUMENTS)
      .map((text, i) => `{"index":{"_id":"${ids[from + i]}"}}\n${text}\n`);
    const { errors } = await ask(
      "POST",
      collectionPath(index, collection, "_bulk"),
      lines.join(""),
    );
    assert.equal(errors, false, "the engine refused a document");
  }
  await ask("POST", collectionPath(index, collection, "_refresh"));
  return ids;
}

async function succeed(args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(args, ADMIN);
  assert.equal(code, 0, stderr);
}

/** @returns the number of identical documents */
async function compare(
  index: string,
  collection: string,
  copy: string,
  ids: readonly string[],
): Promise<number> {
  let same = 0;
  for (let from = 0; from < ids.length; from += BULK_DOCUMENTS) {
    const some = ids.slice(from, from + BULK_DOCUMENTS);
    const [was, is] = await Promise.all(
      [collection, copy].map((name) =>
        storedTexts(encodeURIComponent(`@&${index}.${name}`), some),
      ),
    );
    for (const id of some) {
      const text = was?.get(id)?.text;
      assert.notEqual(text, undefined, `${id} is not in ${collection}`);
      assert.equal(is?.get(id)?.text, text, `${id} differs in ${copy}`);
      same += 1;
    }
  }
  return same;
}
