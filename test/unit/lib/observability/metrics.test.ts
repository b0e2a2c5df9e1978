import { once } from "node:events";

import type { HttpStream } from "kuzzle";
import should from "should";

import type { Metrics } from "../../../../lib/observability/Metrics";
import { controllerWith, run } from "../../../support/controller";
import {
  readSamples,
  readTypes,
  valueOf,
  type Sample,
} from "../../../support/exposition";
import { failureOf } from "../../../support/failures";
import { FakeStore } from "../../../support/FakeStore";
import { becomeKuzzle } from "../../../support/kuzzle";
import { newMetrics } from "../../../support/metrics";
import { kuzzleRequest, kuzzleServices } from "../../../support/request";

/** What was counted, without what is always there. */
async function samplesOf(metrics: Metrics): Promise<Sample[]> {
  const samples = readSamples((await metrics.render()).text);
  return samples.filter(({ labels }) =>
    Object.keys(labels).some((label) => label !== "lane"),
  );
}

describe("Metrics", () => {
  let metrics: Metrics;
  let store: FakeStore;

  beforeEach(() => {
    metrics = newMetrics();
    store = new FakeStore();
    for (const _id of ["a", "b", "c"]) {
      store.put("yellow", _id, { old: _id });
    }
  });

  function act(action: string, args: Record<string, unknown>): Promise<any> {
    return run(
      controllerWith(store, kuzzleServices(), { instruments: metrics }),
      kuzzleRequest({ action, index: "nyc", collection: "yellow", ...args }),
    );
  }

  function change(
    action: "mWrite" | "mUpdate",
    ids: readonly string[],
    args: Record<string, unknown> = {},
  ): Promise<any> {
    const documents = ids.map((_id) => ({ _id, body: { n: 1 } }));
    return act(action, { body: { documents }, ...args });
  }

  function read(
    ids: readonly string[],
    args: Record<string, unknown> = {},
  ): Promise<any> {
    return act("batchGet", { body: { ids }, ...args });
  }

  it("[I2] counts a script of requests as one would by hand", async () => {
    let conflictsOfA = 2;
    let rejectionsOfB = 1;
    store.script.bulkItem = ({ _id, operation }) => {
      if (operation === "update" && _id === "a" && conflictsOfA-- > 0) {
        return failureOf("version_conflict");
      }
      if (operation === "update" && _id === "b" && rejectionsOfB-- > 0) {
        return failureOf("rejected");
      }
      return undefined;
    };

    await read(["a", "b", "nowhere"]); //                       2 found, 1 not
    await read(["a", "a"]); //                                  1 found
    await change("mWrite", ["a", "d"]); //                      2 written
    await change("mUpdate", ["a", "b"], { retryOnConflict: 5 }); // 2 updated
    await change("mUpdate", ["nowhere", "c"]); //               1 updated, 1 error
    await change("mUpdate", ["nowhere"], { strict: true }).should.be.rejected();
    await act("mUpdate", { body: {} }).should.be.rejected();

    const samples = await samplesOf(metrics);
    const figure = (name: string, labels: Record<string, string>) =>
      valueOf(samples, `kuzzle_batch_${name}`, labels);
    const runs = (action: string, outcome: string) =>
      figure("operation_duration_seconds_count", { action, outcome });

    should(runs("batchGet", "complete")).equal(2);
    should(runs("mWrite", "complete")).equal(1);
    should(runs("mUpdate", "complete")).equal(1);
    should(runs("mUpdate", "partial")).equal(1);
    should(runs("mUpdate", "failed")).equal(2);
    should(figure("operation_duration_seconds_count", {})).equal(7);

    const documents = (action: string, result: string) =>
      figure("documents_total", { action, result });
    should(documents("batchGet", "found")).equal(3);
    should(documents("batchGet", "not_found")).equal(1);
    should(documents("mWrite", "written")).equal(2);
    should(documents("mUpdate", "updated")).equal(3);
    should(documents("mUpdate", "error")).equal(2);
    should(figure("documents_total", {})).equal(11);
    should(
      figure("document_errors_total", { action: "mUpdate", code: "not_found" }),
    ).equal(2);
    should(figure("document_errors_total", {})).equal(2);

    should(figure("request_documents_count", { action: "batchGet" })).equal(2);
    should(figure("request_documents_sum", { action: "batchGet" })).equal(5);
    should(figure("request_documents_sum", { action: "mWrite" })).equal(2);
    should(figure("request_documents_count", { action: "mUpdate" })).equal(3);
    should(figure("request_documents_sum", { action: "mUpdate" })).equal(5);

    should(figure("conflicts_total", {})).equal(2);
    should(figure("conflicts_total", { action: "mUpdate" })).equal(2);
    const retries = (reason: string) =>
      figure("retries_total", { action: "mUpdate", reason });
    should(retries("conflict")).equal(2);
    should(retries("rejected")).equal(1);
    should(figure("retries_total", {})).equal(3);
  });

  it("[I2] counts the conflicts of a condition, which are not retried", async () => {
    store.script.bulkItem = () => failureOf("version_conflict");
    await change("mUpdate", ["a", "b"], { retryOnConflict: 0 });

    const samples = await samplesOf(metrics);
    should(valueOf(samples, "kuzzle_batch_conflicts_total")).equal(2);
    should(valueOf(samples, "kuzzle_batch_retries_total")).equal(0);
  });

  it("[I2] counts what a strict batch took down with it", async () => {
    await act("mWrite", {
      strict: true,
      body: { documents: [{ _id: "d", body: {} }, { _id: "e" }, null] },
    }).should.be.rejected();

    const samples = await samplesOf(metrics);
    const documents = (result: string) =>
      valueOf(samples, "kuzzle_batch_documents_total", { result });
    should(documents("refused")).equal(1);
    should(documents("error")).equal(2);
    should(documents("written")).equal(0);
  });

  /** As lines of `operation outcome count`. */
  async function operationsOf(action: string): Promise<string[]> {
    const name = "kuzzle_batch_write_operations_total";
    return (await samplesOf(metrics))
      .filter((each) => each.name === name && each.labels["action"] === action)
      .map(({ labels, value }) =>
        [labels["operation"], labels["outcome"], value].join(" "),
      )
      .sort();
  }

  it("[I2] counts the operations of batchWrite by kind and outcome", async () => {
    const operations = [
      { create: { _id: "a", body: {} } }, // exists
      { create: { _id: "d", body: {} } },
      { createOrReplace: { _id: "e", body: {} } },
      { replace: { _id: "a", body: {} } },
      { write: { _id: "f", body: {} } },
      { update: { _id: "b", body: {} } },
      { update: { _id: "nowhere", body: {} } },
      { upsert: { _id: "g", changes: {} } },
      { delete: { _id: "c" } },
      { delete: { _id: "" } },
      { remove: { _id: "c" } },
      null,
    ];
    await act("batchWrite", { body: { operations } });

    should(await operationsOf("batchWrite")).eql([
      "create done 1",
      "create error 1",
      "createOrReplace done 1",
      "delete done 1",
      "delete error 1",
      "replace done 1",
      "unknown error 2",
      "update done 1",
      "update error 1",
      "upsert done 1",
      "write done 1",
    ]);
  });

  it("[I2] counts the operations that a strict batch took down with it", async () => {
    const operations = [
      { create: { _id: "d", body: {} } },
      { delete: { _id: "a" } },
      { delete: { _id: "b" } },
      { delete: {} },
    ];
    await act("batchWrite", {
      strict: true,
      body: { operations },
    }).should.be.rejected();

    should(await operationsOf("batchWrite")).eql([
      "create refused 1",
      "delete error 1",
      "delete refused 2",
    ]);
  });

  it("[I2] counts documents of mWrite and mUpdate as operations of their kind", async () => {
    await change("mWrite", ["a", "d"]);
    await change("mUpdate", ["a", "nowhere"]);

    should(await operationsOf("mWrite")).eql(["write done 2"]);
    should(await operationsOf("mUpdate")).eql([
      "update done 1",
      "update error 1",
    ]);
  });

  it("[I2] counts what did not fit into an answer", async () => {
    await run(
      controllerWith(store, kuzzleServices(), {
        instruments: metrics,
        maxResponseBytes: 150,
        readChunkDocuments: 1,
      }),
      kuzzleRequest({
        index: "nyc",
        collection: "yellow",
        body: { ids: ["a", "b", "c"] },
      }),
    );

    const samples = await samplesOf(metrics);
    const count = (result: string) =>
      valueOf(samples, "kuzzle_batch_documents_total", { result });
    should(count("unprocessed")).be.above(0);
    should(count("found") + count("unprocessed")).equal(3);
    should(
      valueOf(samples, "kuzzle_batch_operation_duration_seconds_count", {
        outcome: "partial",
      }),
    ).equal(1);
  });

  it("[I2] counts a streamed answer when the stream has ended", async () => {
    const leave = becomeKuzzle({});
    const { stream }: HttpStream = await read(["a", "nowhere"], {
      format: "ndjson",
    }).finally(leave);
    should(await samplesOf(metrics)).eql([]);

    stream.resume();
    await once(stream, "end");
    const samples = await samplesOf(metrics);
    should(
      valueOf(samples, "kuzzle_batch_operation_duration_seconds_count", {
        action: "batchGet",
        outcome: "complete",
      }),
    ).equal(1);
    should(valueOf(samples, "kuzzle_batch_documents_total")).equal(2);
  });

  it("[I2] counts a streamed answer whose reader has left as failed", async () => {
    const leave = becomeKuzzle({});
    const { stream }: HttpStream = await read(["a", "b"], {
      format: "ndjson",
    }).finally(leave);
    stream.once("data", () => stream.destroy());
    await once(stream, "close");
    // the generators behind the stream are notified a moment later
    await new Promise((resolve) => setImmediate(resolve));

    should(
      valueOf(
        await samplesOf(metrics),
        "kuzzle_batch_operation_duration_seconds_count",
        { action: "batchGet", outcome: "failed" },
      ),
    ).equal(1);
  });

  it("[I2] takes the time from the request to the answer, in seconds", async () => {
    const trace = metrics.start("batchGet");
    await new Promise((resolve) => setTimeout(resolve, 30));
    trace.succeed();

    const seconds = valueOf(
      await samplesOf(metrics),
      "kuzzle_batch_operation_duration_seconds_sum",
    );
    should(seconds).be.within(0.029, 5);
  });

  it("[I2] counts and times each call to the engine", async () => {
    metrics.engineCall("mget", 0.02);
    metrics.engineCall("mget", 0.03);
    metrics.engineCall("bulk", 2);

    const samples = await samplesOf(metrics);
    const figure = (name: string, operation: string) =>
      valueOf(samples, `kuzzle_batch_engine_${name}`, { operation });
    should(figure("calls_total", "mget")).equal(2);
    should(figure("calls_total", "bulk")).equal(1);
    should(figure("duration_seconds_count", "mget")).equal(2);
    should(figure("duration_seconds_sum", "mget")).be.approximately(0.05, 1e-9);
    should(figure("duration_seconds_sum", "bulk")).equal(2);
  });

  it("[I2] shows each lane of calls as it is when it is asked", async () => {
    const lane = { inflight: 0, limit: 8 };
    const shown = newMetrics(lane);
    await shown.render();
    lane.inflight = 3;
    lane.limit = 4;

    const samples = readSamples((await shown.render()).text);
    should(valueOf(samples, "kuzzle_batch_inflight", { lane: "read" })).equal(
      3,
    );
    should(valueOf(samples, "kuzzle_batch_concurrency_limit")).equal(4);
  });

  it("[I2] counts what became of atomic batches, and answers given again", async () => {
    let now = 90_000;
    const counted = newMetrics({ inflight: 0, limit: 8 }, () => now);
    const figure = async (name: string, labels = {}) =>
      valueOf(
        readSamples((await counted.render()).text),
        `kuzzle_batch_${name}`,
        labels,
      );
    should(await figure("journal_oldest_age_seconds")).equal(0);

    counted.rollback("rolled_back");
    counted.rollback("rolled_back");
    counted.rollback("unknown");
    counted.replay();
    counted.pendingJournals(3, 60_000);
    now = 100_000;

    should(await figure("rollbacks_total", { outcome: "rolled_back" })).equal(
      2,
    );
    should(await figure("rollbacks_total")).equal(3);
    should(await figure("idempotent_replays_total")).equal(1);
    should(await figure("journals_pending")).equal(3);
    should(await figure("journal_oldest_age_seconds")).equal(40);
  });

  it("[I2] counts all of them, however many come between two scrapes", async () => {
    for (let i = 0; i < 1_000; i++) {
      metrics.start("batchGet").succeed();
      metrics.engineCall("mget", 0.001);
    }
    for (const name of ["operation", "engine"]) {
      const count = `kuzzle_batch_${name}_duration_seconds_count`;
      should(valueOf(await samplesOf(metrics), count)).equal(1_000);
      should(valueOf(await samplesOf(metrics), count)).equal(1_000);
    }
  });

  it("[I2] has no label that could grow with the data", async () => {
    await read(["a", "no-such-id"]);
    await change("mUpdate", ["a", "no-such-id"]);
    await change("mWrite", ["a"], { collection: "unknown" }).should.rejected();
    await act("batchWrite", { body: { operations: [{ "my-own": {} }] } });
    metrics.engineCall("bulk", 0.1);

    const known: Record<string, readonly string[]> = {
      action: ["batchGet", "mWrite", "mUpdate", "batchWrite"],
      outcome: ["complete", "partial", "failed", "done", "error"],
      operation: ["bulk", "update", "unknown"],
      result: ["found", "not_found", "updated", "written", "error"],
      code: ["not_found", "invalid"],
    };
    const unknown = (await samplesOf(metrics)).flatMap(({ name, labels }) =>
      Object.entries(labels)
        .filter(([label]) => label !== "le")
        .filter(([label, value]) => !known[label]?.includes(value))
        .map(([label, value]) => `${name}: ${label}="${value}"`),
    );
    should(unknown).eql([]);
  });

  it("[I2] keeps to a registry of its own", async () => {
    const other = newMetrics();
    metrics.start("batchGet").succeed();

    should(await samplesOf(other)).eql([]);
    should((await samplesOf(metrics)).length).be.above(0);
  });

  it("[I2] has each metric of the contract", async () => {
    should([...readTypes((await metrics.render()).text)]).containDeep([
      ["kuzzle_batch_operation_duration_seconds", "histogram"],
      ["kuzzle_batch_documents_total", "counter"],
      ["kuzzle_batch_write_operations_total", "counter"],
      ["kuzzle_batch_request_documents", "histogram"],
      ["kuzzle_batch_retries_total", "counter"],
      ["kuzzle_batch_conflicts_total", "counter"],
      ["kuzzle_batch_engine_calls_total", "counter"],
      ["kuzzle_batch_engine_duration_seconds", "histogram"],
      ["kuzzle_batch_inflight", "gauge"],
      ["kuzzle_batch_concurrency_limit", "gauge"],
      ["kuzzle_batch_journals_pending", "gauge"],
      ["kuzzle_batch_journal_oldest_age_seconds", "gauge"],
      ["kuzzle_batch_rollbacks_total", "counter"],
      ["kuzzle_batch_idempotent_replays_total", "counter"],
    ]);
  });
});
