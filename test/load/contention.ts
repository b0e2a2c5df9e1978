/**
 * The large contest: many clients update the same documents at once, first with as many
 * retries as it takes, then with none. `npm run test:contention` runs it against its own Kuzzle
 * and engines; the small one is a feature.
 *
 *   npm run test:contention -- --clients 16 --batches 200 --documents 100
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import {
  assertConflictsOnly,
  assertCountsAddUp,
  assertNothingLost,
  contend,
  type ContestReport,
} from "../../features/support/contention";
import { query, WebSocketTransport } from "../../features/support/transports";

const MANY = 1_000;
const INDEX = "contention";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      clients: { type: "string", default: "16" },
      batches: { type: "string", default: "200" },
      documents: { type: "string", default: "100" },
    },
  });
  const contest = {
    batches: Number(values.batches),
    documents: Number(values.documents),
  };
  const clients = await Promise.all(
    Array.from({ length: Number(values.clients) }, () =>
      WebSocketTransport.open(),
    ),
  );

  await tell("index", "create", { index: INDEX });
  for (const [name, retryOnConflict] of [
    ["patient", MANY],
    ["impatient", 0],
  ] as const) {
    const collection = { index: INDEX, collection: name };
    await tell("collection", "create", { ...collection, body: {} });
    const report = await contend({
      ...contest,
      address: `${INDEX}:${name}`,
      clients,
      retryOnConflict,
    });
    await judge(report);
  }
  await Promise.all(clients.map((client) => client.close()));
}

async function judge(report: ContestReport): Promise<void> {
  await assertNothingLost(report);
  assertCountsAddUp(report);
  assertConflictsOnly(report);
  if (report.contest.retryOnConflict > 0) {
    assert.deepEqual(report.errors, []);
  }
  console.log(describe(report));
}

function describe(report: ContestReport): string {
  const { contest, updates, acknowledged, errors, seconds, engine } = report;
  const attempts = acknowledged.map((update) => update.attempts);
  const most = attempts.reduce((one, other) => Math.max(one, other), 0);

  return `✓ retryOnConflict ${contest.retryOnConflict}: ${contest.clients.length} clients × ${contest.batches} batches on ${contest.documents} documents, ${seconds.toFixed(1)} s
    updates       ${updates}
    acknowledged  ${acknowledged.length}, each a version of its document, none lost, each client's in order
    errors        ${errors.length}${errors.length > 0 ? ", all 409 version_conflict, retryable" : ""}
    conflicts     ${report.conflicts}, and the engine counted ${engine.failed}
    sent again    ${report.retries}, one update ${most} times at most
`;
}

async function tell(
  controller: string,
  action: string,
  args: object,
): Promise<void> {
  const { error } = await query({ controller, action, ...args });
  assert.equal(error, null, JSON.stringify(error));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
