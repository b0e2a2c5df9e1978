/**
 * Writes the generated files: from lib, the pages on errors and configuration and the
 * plugin's manifest; from the last benchmark, the page on performance. A unit test
 * compares them.
 *
 *   npx tsx scripts/checks/docs.ts
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { mapValues } from "lodash";

import { SETTINGS, SWITCHES, SWITCH_GROUPS } from "../../lib/config";
import { REQUEST_LIMITS } from "../../lib/limits";
import { KUZZLE_VERSION } from "../../lib/BatchPlugin";
import { ERRORS } from "../../lib/errors";
import { PRESIGN_SETTINGS } from "../../lib/compat/mixpeek/presignConfig";

const root = path.resolve(__dirname, "../..");

export interface ErrorDefinition {
  readonly code: number;
  readonly status: number;
  readonly message: string;
  readonly description: string;
}

export interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly description: string;
}

export interface Switch {
  readonly default: boolean;
  readonly description: string;
}

export interface RequestLimit {
  readonly value: number;
  readonly unit: string;
  readonly description: string;
}

export interface PresignSetting {
  readonly default?: unknown;
  readonly allowed: string;
  readonly description: string;
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

export function errorsPage(
  errors: Readonly<Record<string, ErrorDefinition>>,
): string {
  const rows = Object.entries(errors).map(
    ([id, { code, status, message, description }]) => [
      `\`${id}\`<br/>\`0x${code.toString(16).padStart(8, "0")}\``,
      String(status),
      description,
      `\`${message}\``,
    ],
  );
  return `---
code: false
type: page
title: Errors
order: 300
---

# Errors

<!-- Generated from lib/errors.ts by scripts/checks/docs.ts: do not edit by hand. -->

This page lists the errors that the plugin itself raises, by their \`error.id\` and \`error.code\`.
For what to do about each of them, and for the codes of single documents, see [When something fails](../guides/failures/index.md).

Ids and codes never change.
Errors that Kuzzle raises (an unknown index or collection, limits, rights) keep Kuzzle's ids.

${table(["id, code", "status", "description", "message"], rows).trimEnd()}
`;
}

const PRESIGN_SAMPLE = {
  endpoint: "https://storage.example.com",
  pathStyle: true,
  expiresInSeconds: 120,
  allow: [
    {
      index: "<index>",
      collection: "<collection>",
      bucket: "<bucket>",
      prefix: "videos/",
    },
  ],
};

export function configPage(
  settings: Readonly<Record<string, Setting>>,
  switches: Readonly<Record<string, Switch>> = {},
  groups: Readonly<Record<string, Readonly<Record<string, Switch>>>> = {},
  presign: Readonly<Record<string, PresignSetting>> = {},
  limits: Readonly<Record<string, RequestLimit>> = {},
): string {
  const defaults = {
    ...defaultsOf({ ...settings, ...switches }),
    ...mapValues(groups, defaultsOf),
  };
  const groupedSwitches = Object.entries(groups).flatMap(([group, members]) =>
    Object.entries(members).map(
      ([name, setting]) => [`${group}.${name}`, setting] as const,
    ),
  );
  const switchRows = [...groupedSwitches, ...Object.entries(switches)].map(
    ([name, setting]) => [
      `\`${name}\``,
      setting.description,
      String(setting.default),
    ],
  );
  const presignRows = Object.entries(presign).map(([name, setting]) => [
    `\`${name}\``,
    setting.description,
    setting.default === undefined ? "" : JSON.stringify(setting.default),
    setting.allowed,
  ]);
  const rows = Object.entries(settings).map(([name, setting]) => [
    `\`${name}\``,
    setting.description,
    setting.unit,
    withReadableUnit(setting.default, setting.unit),
    `${setting.min} to ${setting.max}`,
  ]);
  const limitRows = Object.values(limits).map((limit) => [
    `${limit.value.toLocaleString("en")} ${limit.unit}`,
    limit.description,
  ]);
  return `---
code: false
type: page
title: Configuration
order: 400
---

# Configuration

<!-- Generated from lib/config.ts by scripts/checks/docs.ts: do not edit by hand. -->

All settings are optional: set them under \`plugins.batch\` in the \`.kuzzlerc\` file.
If a setting is unknown or has an invalid value, Kuzzle does not start, and the error names the setting.

The defaults suit most applications. [Sizing](../operations/sizing/index.md) explains which settings to change for more load or less memory.

## Numbers

${table(["setting", "what it does", "unit", "default", "allowed"], rows)}
## Switches

A dot in the name stands for a nested object: to switch off \`native.mGet\`, write \`"native": { "mGet": false }\`.
A feature that is switched off leaves no trace in Kuzzle: no route, no pipe and no hook.

${table(["setting", "what it does", "default"], switchRows)}
## Defaults

\`\`\`js
${JSON.stringify({ plugins: { batch: defaults } }, null, 2)}
\`\`\`

---

## Limits of a request

These fixed limits keep a single request from occupying a node or Elasticsearch for long. They apply in addition to the settings above and to Kuzzle's own \`server.maxRequestSize\`, \`limits.documentsFetchCount\` and \`limits.documentsWriteCount\`:

${table(["limit", "applies to"], limitRows)}
---

## presign

With \`presign\`, [batch/documents:batchGet](../controllers/batch-documents/batch-get/index.md) can sign download URLs. Without it, the plugin signs none.
It needs two more packages:

\`\`\`bash
npm install @aws-sdk/client-s3 @aws-sdk/s3-request-presigner
\`\`\`

${table(["setting", "what it does", "default", "allowed"], presignRows)}
\`\`\`js
${JSON.stringify({ plugins: { batch: { presign: PRESIGN_SAMPLE } } }, null, 2)}
\`\`\`

There is no setting for credentials, because everybody who has the right for \`server:getConfig\` can read the configuration.
The AWS SDK finds credentials in the usual places: \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\` in the environment, a profile, or the role of the machine.
Give these credentials the permission to read the prefixes under \`allow\`, and nothing else.
`;
}

const MIB = 1024 * 1024;

/** Adds MiB or seconds to what is many bytes or milliseconds. */
function withReadableUnit(value: number, unit: string): string {
  if (unit === "bytes" && value % MIB === 0) {
    return `${value} (${value / MIB} MiB)`;
  }
  return unit === "milliseconds" && value % 1_000 === 0
    ? `${value} (${value / 1_000} s)`
    : String(value);
}

function defaultsOf(
  settings: Readonly<Record<string, { readonly default: unknown }>>,
): Record<string, unknown> {
  return mapValues(settings, (setting) => setting.default);
}

/** Kuzzle's error classes by status; all others are plain KuzzleErrors. */
const CLASSES: Readonly<Record<number, string>> = {
  400: "BadRequestError",
  413: "SizeLimitError",
  500: "InternalError",
  503: "ServiceUnavailableError",
};

/**
 * The manifest that Kuzzle reads from a plugin installed as a directory. It requires
 * 16-bit codes: those of the catalogue without the domain that Kuzzle adds.
 */
export function manifest(
  errors: Readonly<Record<string, ErrorDefinition>>,
): string {
  const table = Object.entries(errors).map(
    ([id, { code, status, message, description }]) => [
      id.replace(/^batch\./, ""),
      {
        code: code & 0xffff,
        message,
        description,
        class: CLASSES[status] ?? "KuzzleError",
      },
    ],
  );
  const content = {
    name: "batch",
    kuzzleVersion: KUZZLE_VERSION,
    errors: Object.fromEntries(table) as object,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const RESULTS = path.join(root, "bench/results/latest.md");

/** @param results as written by `npm run bench`; undefined if it has not been run */
export function performancePage(results: string | undefined): string {
  const [, ...lines] = results?.trim().split("\n") ?? [];
  return `---
code: false
type: page
title: Performance
order: 400
---

# Performance

<!-- The tables are generated from bench/results/latest.md by scripts/checks/docs.ts: do not edit by hand. -->

This page compares the plugin's actions with Kuzzle's own and with Elasticsearch itself, as measured by \`npm run bench\` on one machine.
Absolute times depend on the machine. The **ratios** depend on it much less: compare those.

---

## What makes requests fast or slow

- **Documents per request.** Every request has a fixed cost: rights, routing, at least one call to Elasticsearch. The more documents share this cost, the better. Programs that read single documents gain the most if they use the [client's loader](../../guides/client/index.md#load-single-documents).
- **Responses that are passed through.** Over HTTP, WebSocket and MQTT, batchGet forwards the documents as Elasticsearch sent them, without parsing them, unless a [pipe](../../guides/pipes/index.md) or hook listens to \`document:afterMGet\` or \`generic:document:afterGet\`. Over HTTP, the plugin also writes the whole response itself, which Kuzzle would otherwise serialize twice. It does so if no pipe or hook listens to \`batch:afterBatchGet\`, \`request:onSuccess\` or \`request:afterExecution\`, the request does not ask for \`pretty\`, and Kuzzle's access log is off.
- **\`source\`** leaves out fields that you do not need: they are neither sent nor read.
- **\`source=false\`** of mWrite leaves the documents out of the response.
- **\`refresh=wait_for\`** waits for Elasticsearch's next refresh, up to a second.
- **\`strict\`** costs one more call to Elasticsearch per request: it reads the collection's current mapping and validates each document against it.
- **\`atomic\`** makes five calls to Elasticsearch instead of one: it reads the mapping (of each collection) and the documents, writes a journal, writes the documents, and marks the journal as committed.
- **An idempotency key** costs two calls to Redis per request.

---

## Latest results

${lines.length > 0 ? lines.join("\n").trim() : "None yet."}

The repository has these results in \`bench/results\`: as pictures (\`ratios.svg\`; \`callers.svg\` has the rates by callers, the times by rates and how they grow with documents and collections) and with all figures (\`latest.json\`).

---

## What stands in the way of the other targets

\`npm run bench -- --scenario B7\` repeats a line alone, and \`npm run bench -- --profile --scenario B7\` prints the functions in which Kuzzle spends its time meanwhile. The figures of this section are from such runs.

- **B7** and **mixed-200**: for a request of this size, Kuzzle needs 3.2 and 3.8 ms even if it only tells the time (the line \`server:now, same body\`: it reads 200 KB, parses them, and opens and closes a connection). With Elasticsearch's own bulk, that is 8.6 ms of native mWrite's 10.2 (0.84, to reach 0.85), and 15.1 ms for the mixture, which is 1.7 times the engine's bulk (to reach 1.5): the metadata that native actions write alone make that bulk 1.3 times as long (the line \`engine, as Kuzzle has it\`).
- **B4**: Elasticsearch's own call with this mask takes 0.55 of native mGet, which is to be 0.45.
- **B2**: Elasticsearch takes 0.22 of the ten calls in sequence. What is above is 1 MB that Kuzzle receives and sends on, as in B1.
- **B12**: one native mGet of the same documents, the least that a loader can send, takes 0.8 to 0.9 of the loader's time.
- **writer-1000**: Elasticsearch carries out the same 1,000 updates for both sides, on one shard, in five calls of 200.

The top of the profile of B7, in microseconds of a request's 5,052. Of these lines, the plugin's own are \`jsonOf\`, which makes JSON of the bodies that Kuzzle has parsed, and \`readBulk\`, which parses the engine's answer:

| | µs |
| --- | ---: |
| garbage collector | 696 |
| \`tryEnd\`: the answer is written to its socket | 571 |
| \`jsonOf\` | 379 |
| \`writev\`: the bulk is written to its socket | 303 |
| V8 and Node themselves | 225 |
| \`httpParseContent\` of Kuzzle: the request is parsed | 181 |
| \`readBulk\` | 118 |
| \`toString\` of buffers | 90 |
| \`writeUtf8String\`: commands to Redis | 75 |

What was tried: bulks and answers as bytes instead of text (kept: 0.25 ms less CPU for a bulk of 160 KB, 40 ms for an answer of 10 MB), fewer promises (kept: 48 instead of 67 for a small request), other numbers of calls under way (four are kept), and six of the fast paths left out, one at a time (\`npm run bench -- --ablation turns-together\`): sending what comes in one turn together makes the rate 1.08 to 1.35 times as high, and joined reads of profiles save 13 to 18 % of the CPU time of Kuzzle (three rounds, and not undisturbed). Counting metrics in bursts brought 2 % and is gone.

---

## How the benchmark works

- Everything runs on one machine: Elasticsearch, Redis, Kuzzle in production mode and the client. They compete for its processors. On a real cluster requests are faster, and Kuzzle's share of the time is smaller.
- The variants that are compared take turns, round by round, so that a machine that slows down affects all of them alike.
- The table compares medians of many rounds and shows the 99th percentile.

To run it on your machine, in a clone of the repository:

\`\`\`bash
npm run bench
\`\`\`
`;
}

/** The generated files, by path in the project. */
export const pages: Readonly<Record<string, string>> = {
  "manifest.json": manifest(ERRORS),
  "doc/1/errors/index.md": errorsPage(ERRORS),
  "doc/1/config/index.md": configPage(
    SETTINGS,
    SWITCHES,
    SWITCH_GROUPS,
    PRESIGN_SETTINGS,
    REQUEST_LIMITS,
  ),
  "doc/1/operations/performance/index.md": performancePage(
    existsSync(RESULTS) ? readFileSync(RESULTS, "utf8") : undefined,
  ),
};

function main(): void {
  for (const [page, text] of Object.entries(pages)) {
    const file = path.join(root, page);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(page);
  }
}

if (require.main === module) {
  main();
}
