/**
 * Operations that take longer than a request: a stream of documents, and an import with the
 * command.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { start } from "../import/command";
import { ADMIN, type KuzzleClient } from "../KuzzleClient";
import type { Engine } from "./engine";
import { ANSWER_MS, COLLECTION, INDEX } from "./kuzzle";

/** Documents of each; an import sends them in about ten requests. */
const STREAMED = 3_000;
const IMPORTED = 2_000;
const MAX_REQUEST_BYTES = 20_000;

/** Counts of documents, unless noted otherwise. */
export interface FlowFindings {
  /** streams or imports */
  runs: number;
  done: number;
  /** of a stream: in its errors; of an import: in its rejects file */
  refused: number;
  /** of a stream: reported missing but exists; of an import: reported written but is not */
  lost: number;
  /** reported rejected, but written */
  untrue: number;
  /** in no line, or in two */
  unaccounted: number;
  /** runs that did not end */
  hung: number;
  longestMs: number;
}

export function noFlowFindings(): FlowFindings {
  return {
    ...{ runs: 0, done: 0, refused: 0, lost: 0, untrue: 0 },
    ...{ unaccounted: 0, hung: 0, longestMs: 0 },
  };
}

/** Documents that streams read and nobody writes. */
export const STREAMED_IDS: readonly string[] = Array.from(
  { length: STREAMED },
  (_, i) => `stream-${i}`,
);

/** Reads all of them as NDJSON, once. */
export async function streamOnce(
  kuzzle: KuzzleClient,
  findings: FlowFindings,
): Promise<void> {
  const startedAt = Date.now();
  findings.runs += 1;
  const lines = await kuzzle
    .text(
      `/_/batch/${INDEX}/${COLLECTION}/_batchGet?format=ndjson&source=false`,
      JSON.stringify({ ids: STREAMED_IDS }),
      { patienceMs: ANSWER_MS },
    )
    .then((text) => text.trimEnd().split("\n").map(readLine))
    .catch(() => []);
  findings.longestMs = Math.max(findings.longestMs, Date.now() - startedAt);
  if (lines.at(-1)?.type !== "stats") {
    findings.hung += 1;
    return;
  }
  const told = new Map<string, number>();
  for (const { type, _id } of lines) {
    if (_id === undefined) continue;
    told.set(_id, (told.get(_id) ?? 0) + 1);
    if (type === "document") findings.done += 1;
    else if (type === "not_found") findings.lost += 1;
    else findings.refused += 1;
  }
  findings.unaccounted += STREAMED_IDS.filter(
    (_id) => told.get(_id) !== 1,
  ).length;
}

/** A line of the stream, and the document to which it belongs. */
function readLine(line: string): {
  readonly type: string;
  readonly _id: string | undefined;
} {
  const { type, ...rest } = JSON.parse(line) as { type: string };
  const [content] = Object.values<string | { _id?: string }>(rest);
  return { type, _id: typeof content === "string" ? content : content?._id };
}

/** Imports new documents with `kuzzle-batch`, once. */
export async function importOnce(
  kuzzle: KuzzleClient,
  engine: Engine,
  tag: string,
  findings: FlowFindings,
): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "failover-import-"));
  const file = path.join(folder, "input.ndjson");
  const rejectsFile = path.join(folder, "rejects.ndjson");
  const ids = Array.from({ length: IMPORTED }, (_, i) => `${tag}-${i}`);
  writeFileSync(
    file,
    ids
      .map((_id) => `${JSON.stringify({ _id, body: { is: _id } })}\n`)
      .join(""),
  );
  const { hostname, port } = new URL(kuzzle.url);
  const startedAt = Date.now();
  findings.runs += 1;
  const { ended } = start(
    [
      ...["import", INDEX, COLLECTION, file, "--rejects", rejectsFile],
      ...["--max-request-bytes", String(MAX_REQUEST_BYTES)],
    ],
    {
      ...{ KUZZLE_HOST: hostname, KUZZLE_PORT: port },
      ...{ KUZZLE_USERNAME: ADMIN, KUZZLE_PASSWORD: ADMIN },
    },
  );
  const { code, stderr } = await ended;
  findings.longestMs = Math.max(findings.longestMs, Date.now() - startedAt);
  const rejects =
    code === 1 ? readRejects(rejectsFile) : new Map<string, string>();
  rmSync(folder, { recursive: true });
  if (code !== 0 && code !== 1) {
    findings.hung += 1;
    console.log(`The import ended with ${code}: ${stderr}`);
    return;
  }
  const stored = await engine.read(ids);
  for (const _id of ids) {
    const reject = rejects.get(_id);
    if (reject === undefined) {
      findings.done += 1;
      findings.lost += stored.get(_id)?.source["is"] === _id ? 0 : 1;
    } else {
      findings.refused += 1;
      findings.untrue +=
        reject !== "unknown_outcome" && stored.has(_id) ? 1 : 0;
    }
  }
}

/** The code by id. */
function readRejects(file: string): Map<string, string> {
  interface Rejected {
    readonly _id: string;
    readonly reject: { readonly code: string };
  }
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const rejected = lines.map((line): Rejected => JSON.parse(line) as Rejected);
  return new Map(rejected.map(({ _id, reject }) => [_id, reject.code]));
}
