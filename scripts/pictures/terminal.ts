/** Pictures of a terminal: what the command itself writes, as it stands on a screen. */
import { Writable } from "node:stream";

import { Samples } from "../../bin/metrics/samples";
import { view } from "../../bin/metrics/view";
import { CountProgress } from "../../bin/output/CountProgress";
import { LoadProgress } from "../../bin/output/LoadProgress";
import { Terminal } from "../../bin/output/Terminal";
import { number } from "../../bin/output/words";
import { escaped } from "./svg";

const CHARACTER = 8.4;
const LINE = 20;
const MARGIN = 18;
const TITLE_BAR = 30;

/** An import that is two thirds done, with two rows that were rejected. */
export async function importProgress(): Promise<string> {
  const { stream, written } = recorder();
  let now = 0;
  const progress = new LoadProgress(new Terminal(stream), "written", () => now);
  await progress.prepare();
  const input = { totalBytes: 48_000_000, readBytes: 0 };
  progress.onBegin(input, { done: 0, rejected: 0 });
  progress.onRejected({
    line: 20_417,
    row: 20_417,
    code: "mapping",
    reason: 'failed to parse field [population] of type [long]: "unknown"',
  });
  progress.onRejected({
    line: 98_112,
    row: 98_112,
    code: "invalid",
    reason: "The row is no JSON object.",
  });
  now = 12_400;
  input.readBytes = 32_160_000;
  progress.onProgress({ done: 114_623, rejected: 2 });
  progress.stop();
  return terminal("The progress of an import", [
    "$ kuzzle-batch import world europe cities.ndjson --rejects rejects.ndjson",
    ...screen(written()),
  ]);
}

/** A session from an import to an export and back: what each command leaves on the screen. */
export async function session(): Promise<string> {
  const imported = await importing(171_075, 14_200, [
    {
      line: 20_417,
      row: 20_417,
      code: "mapping",
      reason: 'failed to parse field [population] of type [long]: "unknown"',
    },
  ]);
  const repaired = await importing(1, 120, []);
  const exported = await exporting(171_076, 21_400);
  const back = await importing(171_076, 13_900, []);
  return terminal("A session: import, repair, export, and import again", [
    "$ kuzzle-batch import world europe cities.ndjson.gz --rejects rejects.ndjson",
    ...imported,
    `$ sed -i 's/"unknown"/null/' rejects.ndjson`,
    "$ kuzzle-batch import world europe rejects.ndjson --refresh",
    ...repaired,
    "$ kuzzle-batch export world europe copy.ndjson.gz --mappings mappings.json",
    ...exported,
    "$ kuzzle-batch import archive europe copy.ndjson.gz --mappings mappings.json",
    ...back,
  ]);
}

/** What an import leaves on the screen. @param ms how long it took */
async function importing(
  done: number,
  ms: number,
  rejects: ReadonlyArray<Parameters<LoadProgress["onRejected"]>[0]>,
): Promise<string[]> {
  const { stream, written } = recorder();
  const screenOf = new Terminal(stream);
  let now = 0;
  const progress = new LoadProgress(screenOf, "written", () => now);
  await progress.prepare();
  const input = { totalBytes: 48_000_000, readBytes: 0 };
  progress.onBegin(input, { done: 0, rejected: 0 });
  for (const each of rejects) progress.onRejected(each);
  now = ms;
  input.readBytes = input.totalBytes;
  const counts = { done, rejected: rejects.length };
  progress.onProgress(counts);
  screenOf.line(progress.finish(counts));
  return screen(written());
}

async function exporting(count: number, ms: number): Promise<string[]> {
  const { stream, written } = recorder();
  const screenOf = new Terminal(stream);
  let now = 0;
  const progress = new CountProgress(screenOf, "exported", () => now);
  await progress.prepare();
  progress.begin();
  progress.resume(count, 0);
  now = ms;
  progress.update(count);
  progress.stop();
  screenOf.line(`${number(count)} exported, 0 errors ${progress.pace()}`);
  return screen(written());
}

/** `kuzzle-batch metrics`, between two readings. */
export async function liveMetrics(): Promise<string> {
  const before = { samples: Samples.parse(exposition(0)), atMs: 0 };
  const now = { samples: Samples.parse(exposition(1)), atMs: 2_000 };
  return terminal("The live metrics of a node", [
    "localhost:7512  14:07:32  (Ctrl-C ends)",
    "",
    ...view(now, before),
  ]);
}

/** Requests, documents and failures of each action since the first reading. */
const ACTIONS = {
  batchGet: { requests: 840, result: "found", documents: 61_300, failed: 0 },
  mUpdate: { requests: 62, result: "updated", documents: 5_480, failed: 3 },
  mWrite: { requests: 118, result: "written", documents: 23_600, failed: 0 },
} as const;

/** As `batch:metrics` has it. @param times 0 for the first reading, 1 for the second */
function exposition(times: 0 | 1): string {
  const actions = Object.entries(ACTIONS).flatMap(
    ([action, { requests, result, documents, failed }]) => {
      const name = "kuzzle_batch_operation_duration_seconds";
      const labels = `action="${action}",outcome="complete"`;
      const bucket = (le: string, share: number): string =>
        `${name}_bucket{le="${le}",${labels}} ${Math.round(requests * share) * times}`;
      return [
        bucket("0.025", 0.71),
        bucket("0.1", 0.97),
        bucket("+Inf", 1),
        `${name}_count{${labels}} ${requests * times}`,
        `kuzzle_batch_documents_total{action="${action}",result="${result}"} ${documents * times}`,
        `kuzzle_batch_documents_total{action="${action}",result="error"} ${failed * times}`,
      ];
    },
  );
  return [
    ...actions,
    `kuzzle_batch_engine_duration_seconds_bucket{le="0.01",operation="mget"} ${700 * times}`,
    `kuzzle_batch_engine_duration_seconds_bucket{le="0.05",operation="mget"} ${1_080 * times}`,
    `kuzzle_batch_engine_duration_seconds_bucket{le="+Inf",operation="mget"} ${1_090 * times}`,
    `kuzzle_batch_engine_calls_total{operation="mget"} ${1_090 * times}`,
    "kuzzle_batch_inflight 3",
    "kuzzle_batch_concurrency_limit 12",
    `kuzzle_batch_retries_total{action="mUpdate",reason="conflict"} ${8 * times}`,
    `kuzzle_batch_conflicts_total{action="mUpdate"} ${8 * times}`,
    `kuzzle_batch_idempotent_replays_total ${1 * times}`,
    "",
  ].join("\n");
}

/** Takes what is written for what a person would see. */
function recorder(): { stream: NodeJS.WriteStream; written: () => string } {
  let text = "";
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  Object.assign(stream, {
    isTTY: true,
    columns: 100,
    cursorTo: () => (text += "\r"),
    clearLine: () => (text += "\x1b[2K"),
  });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    written: () => text,
  };
}

/** Control sequences, returns, and what stands between them. */
// eslint-disable-next-line no-control-regex
const PARTS = /\x1b(?:\[[?\d;]*[A-Za-z]|\d)|\r|[^\x1b\r]+/g;

/** The lines that stand on a screen in the end. */
function screen(written: string): string[] {
  const lines: string[] = [];
  for (const line of written.split("\n")) {
    let shown = "";
    let column = 0;
    for (const [part] of line.matchAll(PARTS)) {
      if (part === "\r" || part === "\x1b[1G") column = 0;
      else if (part === "\x1b[2K") shown = "";
      else if (part === "\x1b[0K" || part === "\x1b[K")
        shown = shown.slice(0, column);
      else if (!part.startsWith("\x1b")) {
        shown =
          shown.slice(0, column) + part + shown.slice(column + part.length);
        column += part.length;
      }
    }
    lines.push(shown.trimEnd());
  }
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function terminal(title: string, lines: readonly string[]): string {
  const columns = Math.max(...lines.map(({ length }) => length));
  const width = Math.ceil(columns * CHARACTER) + 2 * MARGIN;
  const height = TITLE_BAR + lines.length * LINE + MARGIN;
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (colour, i) =>
      `<circle cx="${MARGIN + i * 18}" cy="16" r="5.5" fill="${colour}"/>`,
  );
  const text = lines.map(
    (line, i) =>
      `<text x="${MARGIN}" y="${TITLE_BAR + 14 + i * LINE}" textLength="${(line.length * CHARACTER).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${escaped(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3" xml:space="preserve" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#1b2027"/>
${[...lights, ...text].join("\n")}
</svg>
`;
}
