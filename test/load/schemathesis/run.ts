/**
 * Lets Schemathesis generate valid and invalid requests from the plugin's OpenAPI
 * descriptions, and checks whether all responses match them.
 *
 * `--short`: few requests, always the same ones. Other arguments go to Schemathesis. Needs
 * a running Kuzzle, and Schemathesis' Python in SCHEMATHESIS_PYTHON: `npm run
 * test:schemathesis` provides both.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { kuzzleUrl } from "../../../features/support/environment";
import {
  adminJwt,
  createCollection,
  handBack,
  takeOver,
  userWho,
  writeDocuments,
} from "../../../features/support/kuzzle";
import { query } from "../../../features/support/transports";
import type { Paths } from "../../../scripts/checks/openapi";
import { type Known, narrowed } from "./document";

const PYTHON = process.env.SCHEMATHESIS_PYTHON ?? "";

/** `documents` is the index that has a route of its own. */
const INDEXES = ["fuzz", "documents"];
const STRICT_MAPPINGS = {
  dynamic: "strict",
  properties: { title: { type: "text" }, year: { type: "integer" } },
};
/** Requests that wait for a refresh do not wait for long. */
const SETTINGS = { index: { refresh_interval: "20ms" } };
const KNOWN: Known = {
  indexes: INDEXES,
  collections: ["books", "films"],
  ids: ["a", "b", "c"],
  body: {
    type: "object",
    properties: { title: { type: "string" }, year: { type: "integer" } },
    additionalProperties: false,
  },
};
const DOCUMENTS = { a: { title: "A" }, b: { title: "B", year: 1 } };

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];

const OURS = ["batch:batchGet", "batch:mWrite", "batch:mUpdate"];
const NATIVE = ["document:mGet", "bulk:mWrite", "document:mUpdate"];

interface Caller {
  readonly title: string;
  readonly token?: string;
  readonly isAdmin?: true;
  /** parameters that it does not send */
  readonly leftOut: readonly string[];
  /** total time, in seconds */
  readonly seconds: number;
}

async function main(args: readonly string[]): Promise<void> {
  const isShort = args.includes("--short");
  const rest = args.filter((each) => each !== "--short");
  const folder = mkdtempSync(path.join(tmpdir(), "schemathesis-"));
  await takeOver();
  try {
    await prepare();
    const paths = await servedPaths();
    let passed = 0;
    let failed = 0;
    for (const caller of await callers()) {
      if (isShort && !caller.isAdmin) continue;
      const description = path.join(folder, "openapi.json");
      const report = path.join(folder, "report.json");
      const document = narrowed(paths, KNOWN, caller.leftOut);
      writeFileSync(description, JSON.stringify(document));
      console.log(`\n• Schemathesis as ${caller.title}`);
      const code = await run(
        description,
        caller,
        [...(isShort ? SHORT : full(caller)), ...rest],
        report,
      );
      const counts = countOperations(report, code);
      passed += counts.passed;
      failed += counts.failed;
    }
    const reached = await assertReached();
    console.log(`\nReached: ${reached}`);
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    await handBack();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Always the same requests: what fails here fails for everybody. */
const SHORT = ["--generation-deterministic", "--max-examples", "10"];

function full({ seconds }: Caller): string[] {
  return ["--max-time", String(seconds), "--generation-database", "none"];
}

async function prepare(): Promise<void> {
  for (const index of INDEXES) {
    await createCollection(`${index}:books`, STRICT_MAPPINGS, SETTINGS);
    await createCollection(`${index}:films`, undefined, SETTINGS);
    await writeDocuments(`${index}:books`, DOCUMENTS);
    await writeDocuments(`${index}:films`, DOCUMENTS);
  }
}

async function callers(): Promise<Caller[]> {
  const restricted = await userWho([
    ...OURS.map((action) => ({ action, where: [] })),
    ...NATIVE.map((action) => ({ action, where: ["fuzz:books"] })),
  ]);
  return [
    {
      title: "an administrator",
      token: adminJwt(),
      isAdmin: true,
      leftOut: ["idempotencyKey"],
      seconds: 120,
    },
    {
      title: "a user of one collection, with idempotency keys",
      token: restricted,
      leftOut: [],
      seconds: 40,
    },
    { title: "nobody", leftOut: [], seconds: 20 },
  ];
}

async function servedPaths(): Promise<Paths> {
  const answer = await query({
    controller: "server",
    action: "openapi",
    scope: "app",
  });
  const { paths } = answer as unknown as { paths: Paths };
  const ours = Object.entries(paths).filter(([each]) =>
    /^\/(_\/batch|v1)\//.test(each),
  );
  assert.ok(ours.length > 0, "Kuzzle serves none of the plugin's paths");
  return Object.fromEntries(ours);
}

function run(
  description: string,
  { token }: Caller,
  args: readonly string[],
  report: string,
): Promise<number> {
  const child = spawn(
    PYTHON,
    [
      "-c",
      "from schemathesis.cli import schemathesis; schemathesis()",
      ...["--config-file", path.join(__dirname, "schemathesis.toml")],
      ...["run", description, "--url", kuzzleUrl, "--no-color"],
      ...["--checks", CHECKS.join(","), "--continue-on-failure"],
      ...["--phases", "coverage,fuzzing"],
      // it warns that most ids do not exist, which is intended
      ...["--warnings", "off", "--request-timeout", "20"],
      ...["--report", "json", "--report-json-path", report],
      ...args,
    ],
    {
      cwd: path.dirname(report),
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: "hooks",
        // not an argument, which every user of the machine can read
        ...(token === undefined ? {} : { KUZZLE_JWT: token }),
        PYTHONPATH: __dirname,
        PYTHONDONTWRITEBYTECODE: "1",
      },
      stdio: "inherit",
    },
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** The part of Schemathesis' report that is used here. */
interface Report {
  readonly complete: boolean;
  readonly operations: { readonly tested: number };
  readonly failures: ReadonlyArray<{ readonly operations: readonly string[] }>;
  readonly errors: readonly object[];
}

/** Each operation is a test. An incomplete run has failed. */
function countOperations(
  report: string,
  code: number,
): { passed: number; failed: number } {
  const { complete, operations, failures, errors } = JSON.parse(
    readFileSync(report, "utf8"),
  ) as Report;
  const failing = new Set(failures.flatMap((each) => each.operations));
  const failed = failing.size + errors.length;
  return {
    passed: Math.max(0, operations.tested - failed),
    failed: failed === 0 && (code !== 0 || !complete) ? 1 : failed,
  };
}

/** Requests of which none succeeds would prove nothing. */
async function assertReached(): Promise<string> {
  const answer = await fetch(`${kuzzleUrl}/_/batch/metrics`, {
    headers: { authorization: `Bearer ${adminJwt()}` },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  return ["found", "not_found", "written", "updated"]
    .map((result) => {
      const documents = [
        ...text.matchAll(
          new RegExp(
            `^kuzzle_batch_documents_total\\{.*result="${result}"\\} (\\d+)$`,
            "gm",
          ),
        ),
      ].reduce((sum, [, count]) => sum + Number(count), 0);
      assert.ok(documents > 0, `No document was ${result}`);
      return `${documents} ${result}`;
    })
    .join(", ");
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
