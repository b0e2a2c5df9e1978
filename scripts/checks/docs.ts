/**
 * Writes the files that are made from other files: from lib the pages on errors and
 * configuration and the plugin's manifest, from the last benchmark the page on
 * performance. A unit test compares them.
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

These are the errors that the plugin raises itself, as \`error.id\` and \`error.code\` of an answer.
Ids and codes never change.
Errors that Kuzzle raises (an unknown index or collection, limits, rights) keep Kuzzle's ids.

${table(["id, code", "status", "description", "message"], rows)}
For what to do about each error, and for the codes of single documents, see [When something fails](../guides/failures/index.md).
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
    String(setting.default),
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

All settings are optional and go under \`plugins.batch\` in the \`.kuzzlerc\` file.
An unknown setting or an invalid value stops Kuzzle from starting, with an error that names it.

## Numbers

${table(["setting", "what it does", "unit", "default", "allowed"], rows)}
## Switches

Write a switch of a group, such as \`native.mGet\`, as \`"native": { "mGet": false }\`.
A feature that is switched off leaves no trace in Kuzzle: no route, no pipe and no hook.

${table(["setting", "what it does", "default"], switchRows)}
## Defaults

\`\`\`js
${JSON.stringify({ plugins: { batch: defaults } }, null, 2)}
\`\`\`

---

## Limits of a request

No single request can occupy a node or Elasticsearch for long, whoever sends it.
In addition to the settings above and Kuzzle's own \`server.maxRequestSize\`, \`limits.documentsFetchCount\` and \`limits.documentsWriteCount\`, these fixed limits apply:

${table(["limit", "applies to"], limitRows)}
---

## presign

\`presign\` lets [batch/documents:batchGet](../controllers/batch-documents/batch-get/index.md) sign download URLs.
Without it, the plugin signs no URLs.
It needs two more packages:

\`\`\`bash
npm install @aws-sdk/client-s3 @aws-sdk/s3-request-presigner
\`\`\`

${table(["setting", "what it does", "default", "allowed"], presignRows)}
\`\`\`js
${JSON.stringify({ plugins: { batch: { presign: PRESIGN_SAMPLE } } }, null, 2)}
\`\`\`

There is no setting for credentials, because \`server:getConfig\` returns the configuration to everybody who has the right for it.
The AWS SDK finds them in the usual places: \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\` in the environment, a profile, or the role of the machine.
Allow them to read the prefixes listed here and nothing else.
`;
}

function defaultsOf(
  settings: Readonly<Record<string, { readonly default: unknown }>>,
): Record<string, unknown> {
  return mapValues(settings, (setting) => setting.default);
}

/** Kuzzle's classes by status; the others are plain KuzzleErrors. */
const CLASSES: Readonly<Record<number, string>> = {
  400: "BadRequestError",
  413: "SizeLimitError",
  500: "InternalError",
  503: "ServiceUnavailableError",
};

/**
 * The manifest that Kuzzle reads of a plugin installed as a directory. It wants
 * 16-bit codes: those of the catalogue without Kuzzle's own domain in front.
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

/** @param results as `npm run bench` has written them; none: it has not been run */
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

- **Documents per request.** Every request has a fixed cost: rights, routing, at least one call to Elasticsearch. The more documents share it, the better. Programs that read single documents gain the most, through the [client's loader](../../guides/client/index.md#load-single-documents).
- **Answers that are passed through.** Over HTTP, WebSocket and MQTT, batchGet forwards the documents as Elasticsearch sent them, without parsing them, unless a [pipe](../../guides/pipes/index.md) or hook listens to \`document:afterMGet\` or \`generic:document:afterGet\`. Over HTTP, the plugin also writes the whole answer itself, which Kuzzle would otherwise serialize twice. It does so if no pipe or hook listens to \`batch:afterBatchGet\`, \`request:onSuccess\` or \`request:afterExecution\`, the request does not ask for \`pretty\`, and Kuzzle's access log is off.
- **\`source\`** leaves fields out that you do not need: they are neither sent nor read.
- **\`source=false\`** of mWrite leaves the documents out of the answer.
- **\`refresh=wait_for\`** waits for Elasticsearch's next refresh, up to a second.
- **\`strict\`** costs one more call to Elasticsearch per request: it reads the collection's mapping, so that a mapping that has just changed counts, and validates each document against it.
- **\`atomic\`** makes five calls to Elasticsearch instead of one: it reads the mapping (of each collection) and the documents, writes a journal, writes the documents, and marks the journal as committed.
- **An idempotency key** costs two calls to Redis per request.

---

## Latest results

${lines.length > 0 ? lines.join("\n").trim() : "None yet."}

The repository has these results in \`bench/results\`: as pictures (\`ratios.svg\`; \`callers.svg\` has the rates by callers, the times by rates and how they grow with documents and collections) and with all figures (\`latest.json\`).

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

/** The generated files, by their place in the project. */
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
