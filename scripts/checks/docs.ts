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
import { performancePage } from "./performancePage";

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
