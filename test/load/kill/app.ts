/**
 * A Kuzzle that kills itself (SIGKILL, or another signal) at a configured step of an atomic
 * batch, immediately or a few moments later, while the work goes on. It wraps the plugin's
 * classes, because the plugin has no hooks for it.
 */
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { KuzzleRequest } from "kuzzle";

import { createApp } from "../../../docker/app/app";
import { ElasticsearchJournals } from "../../../lib/elasticsearch/ElasticsearchJournals";
import { ElasticsearchStore } from "../../../lib/elasticsearch/ElasticsearchStore";
import type { KillPlan, KillReport } from "./plan";

const {
  killPlan: plan,
  holdFile = "",
  gateFile = "",
} = JSON.parse(process.env.KUZZLE_CONFIG ?? "{}") as {
  killPlan?: KillPlan;
  /** while it exists, only nodes recover that are to die of it */
  holdFile?: string;
  /** while it exists, a write waits just before it starts */
  gateFile?: string;
};

let seen = 0;
let inRequest = false;

/** @param step the step that has just been reached */
function reach(step: string): void {
  if (plan?.step !== step || ++seen !== plan.nth) {
    return;
  }
  if (plan.delayMs === 0) {
    die();
  } else {
    setTimeout(die, plan.delayMs);
  }
}

function die(): void {
  const { reportFile, signal = "SIGKILL" } = plan as KillPlan;
  const report: KillReport = { inRequest };
  writeFileSync(reportFile, JSON.stringify(report));
  process.kill(process.pid, signal);
  while (signal === "SIGKILL") {
    // a signal to oneself may take a moment, in which nothing more must happen
  }
}

function isRollback(opaqueId: string | undefined): boolean {
  return opaqueId?.endsWith("/rollback") === true;
}

/** Wraps a method of the plugin. */
function around<
  Class extends object,
  Name extends keyof Class,
  Method extends Class[Name] & ((...args: never[]) => Promise<unknown>),
>(
  prototype: Class,
  name: Name,
  wrap: (
    original: () => ReturnType<Method>,
    ...args: Parameters<Method>
  ) => Promise<unknown>,
): void {
  const original = prototype[name] as Method;

  prototype[name] = function (this: Class, ...args: Parameters<Method>) {
    return wrap(
      () => original.apply(this, args) as ReturnType<Method>,
      ...args,
    );
  } as Class[Name];
}

const store = ElasticsearchStore.prototype;
const journals = ElasticsearchJournals.prototype;

around(journals, "findAbandoned", async (original) => {
  const mayRecover = plan?.step === "recovery" || !existsSync(holdFile);
  return mayRecover ? original() : [];
});

around(store, "getRaw", (original) => {
  reach(inRequest ? "reading" : "recovery");
  return original();
});

around(store, "bulk", (original, ...[, , opaqueId]) => {
  if (opaqueId !== undefined) {
    const rollingBack = inRequest ? "rollback" : "recovery";
    reach(isRollback(opaqueId) ? rollingBack : "bulk");
  }
  return original();
});

around(journals, "create", async (original) => {
  reach("journal");
  const version = await original();
  reach("journal");
  return version;
});

around(journals, "replace", async (original, { state }) => {
  if (!inRequest) {
    reach("recovery");
  } else {
    reach(state === "committed" ? "before commit" : "rollback");
  }
  const version = await original();
  if (!inRequest) {
    reach("recovery");
  } else if (state === "committed" && version !== undefined) {
    reach("after commit");
  }
  return version;
});

const app = createApp("batch-kill");

app.config.set("plugins.batch", {
  // many small calls, so that there is much in between
  readChunkDocuments: 10,
  writeChunkDocuments: 5,
  maxConcurrency: 2,
  // a busy machine must respond within this time
  engineTimeoutMs: 3_000,
  journalLeaseMs: 3_000,
  journalTaskWaitMs: 3_000,
  journalSweepMs: 200,
  // afterwards, they show the outcome of each batch
  journalTombstoneMs: 3_600_000,
});

for (const event of ["batch:beforeMWrite", "batch:beforeBatchWrite"]) {
  app.pipe.register(event, async (request: KuzzleRequest) => {
    inRequest = true;
    return request;
  });
}

if (gateFile !== "") {
  app.pipe.register("bulk:beforeMWrite", async (request: KuzzleRequest) => {
    writeFileSync(`${gateFile}.reached`, "");
    while (existsSync(gateFile)) {
      await sleep(20);
    }
    return request;
  });
}

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
