/**
 * Writes the files that are made from other files: from lib the pages on errors and
 * configuration and the plugin's manifest, from the last benchmark the page on
 * performance. A unit test compares them.
 *
 *   npx tsx scripts/checks/docs.ts
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { SETTINGS, SWITCHES } from "../../lib/config";
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

<!-- Made from lib/errors.ts by scripts/checks/docs.ts: do not edit by hand. -->

The errors that the plugin raises itself.
An \`id\` and a code, once given, stay.
Kuzzle's own errors (an unknown index or collection, limits, rights) keep their ids.

${table(["id, code", "status", "description", "message"], rows)}
What the codes of single documents mean is told in [When something fails](../guides/failures/index.md).
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
  presign: Readonly<Record<string, PresignSetting>> = {},
): string {
  const defaults = Object.fromEntries(
    Object.entries({ ...settings, ...switches }).map(([name, setting]) => [
      name,
      setting.default,
    ]),
  );
  const switchRows = Object.entries(switches).map(([name, setting]) => [
    `\`${name}\``,
    setting.description,
    String(setting.default),
  ]);
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
  return `---
code: false
type: page
title: Configuration
order: 400
---

# Configuration

<!-- Made from lib/config.ts by scripts/checks/docs.ts: do not edit by hand. -->

The settings go under \`plugins.batch\` in the \`.kuzzlerc\` file.
A setting that does not exist, or a value that is not allowed, keeps Kuzzle from starting, with an error that names it.

Whole numbers:

${table(["setting", "what it does", "unit", "default", "allowed"], rows)}
True or false:

${table(["setting", "what it does", "default"], switchRows)}
The defaults, as they would be written:

\`\`\`js
${JSON.stringify({ plugins: { batch: defaults } }, null, 2)}
\`\`\`

---

## presign

Without the object \`presign\` no URL is ever signed.
It serves [batch/documents:batchGet](../controllers/batch-documents/batch-get/index.md) and needs two packages beside the plugin:

\`\`\`bash
npm install @aws-sdk/client-s3 @aws-sdk/s3-request-presigner
\`\`\`

${table(["setting", "what it does", "default", "allowed"], presignRows)}
\`\`\`js
${JSON.stringify({ plugins: { batch: { presign: PRESIGN_SAMPLE } } }, null, 2)}
\`\`\`

Credentials are no setting, for \`server:getConfig\` shows the configuration to those who may call it.
The AWS SDK takes them from where it always does: \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\` in the environment, a profile, or the role of the machine.
Give them the right to read the prefixes named here and no other.
`;
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

<!-- The tables are made from bench/results/latest.md by scripts/checks/docs.ts: do not edit by hand. -->

What the plugin costs beside Kuzzle's own actions, as \`npm run bench\` has measured it on one machine.
Times depend on the machine, and **ratios** much less: they are what to look at.

---

## Last results

${lines.length > 0 ? lines.join("\n").trim() : "None yet."}

The repository has them in \`bench/results\`, as a picture (\`ratios.svg\`) and with every figure (\`latest.json\`).

---

## How it is measured

- Everything runs on one machine: Elasticsearch, Redis, Kuzzle in production mode and the client. They compete for its processors, so that a real cluster is faster, and the share of Kuzzle in it is smaller.
- What is compared runs in turns, round by round, so that a machine that becomes slower does so for all of them.
- Medians of many rounds are compared; the 99th percentile stands beside them.

To measure on yours, in a clone:

\`\`\`bash
npm run bench
\`\`\`

---

## What makes it fast, and what slow

- **The number of documents in a request.** What a request costs by itself (rights, routes, one call to Elasticsearch) is shared by its documents. Single gets gain the most, through the [client's loader](../../guides/client/index.md#single-documents).
- **An answer from the engine's own bytes.** Over HTTP, a batchGet hands the documents on as Elasticsearch has sent them, without making objects of them. It does so only where nobody has to see them: no pipe and no hook of the application listens to \`batch:afterBatchGet\`, \`request:onSuccess\` or \`request:afterExecution\`, no [pipe](../../guides/pipes/index.md) sees the documents (\`document:afterMGet\`, \`generic:document:afterGet\`), and Kuzzle writes no access log. Over WebSocket and MQTT, and with any of these, the answer is made of objects: the same answer, only later.
- **\`source\`.** Fields that are not asked for are neither sent nor read.
- **\`source=false\` for mWrite.** The answer does not repeat what was sent.
- **\`refresh=wait_for\`** waits for Elasticsearch's next refresh, up to a second.
- **\`strict\`** reads the collection's mapping now and then, and checks each document against it.
- **\`atomic\`** reads the documents before, and writes a journal before and after them: four calls to Elasticsearch instead of one.
- **An idempotency key** is two calls to Redis for a request.
`;
}

/** The generated files, by their place in the project. */
export const pages: Readonly<Record<string, string>> = {
  "manifest.json": manifest(ERRORS),
  "doc/1/errors/index.md": errorsPage(ERRORS),
  "doc/1/config/index.md": configPage(SETTINGS, SWITCHES, PRESIGN_SETTINGS),
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
