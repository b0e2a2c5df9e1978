import { number } from "../output/words";
import { quantile, type Samples } from "./samples";

/** What was read, and when. */
export interface Reading {
  readonly samples: Samples;
  readonly atMs: number;
}

const DURATION = "kuzzle_batch_operation_duration_seconds";
const DOCUMENTS = "kuzzle_batch_documents_total";
const ENGINE = "kuzzle_batch_engine_duration_seconds";
/** Results of documents that are no cause for concern. */
const WELL = new Set(["written", "updated", "found", "not_found"]);

/**
 * A table of what happened between two readings, per second; with one reading, the
 * totals since the node started.
 */
export function view(now: Reading, before: Reading | undefined): string[] {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 1;
  const since = (name: string, labels = {}): number => {
    const was = before?.samples.sum(name, labels) ?? 0;
    return (now.samples.sum(name, labels) - was) / seconds;
  };
  const bound = (share: number, name: string, labels = {}): string => {
    const most = quantile(
      share,
      now.samples.buckets(name, labels),
      before?.samples.buckets(name, labels) ?? new Map<number, number>(),
    );
    return most === undefined ? "-" : milliseconds(most);
  };
  const per = before ? "/s" : "";

  const actions = now.samples.values(`${DURATION}_count`, "action");
  const rows = actions.map((action) => [
    action,
    rate(since(`${DURATION}_count`, { action })),
    rate(since(DOCUMENTS, { action })),
    rate(
      now.samples
        .values(DOCUMENTS, "result")
        .filter((result) => !WELL.has(result))
        .reduce((sum, result) => sum + since(DOCUMENTS, { action, result }), 0),
    ),
    bound(0.5, DURATION, { action }),
    bound(0.95, DURATION, { action }),
  ]);
  const gauge = (name: string) =>
    number(now.samples.sum(`kuzzle_batch_${name}`));
  const counter = (name: string) => rate(since(`kuzzle_batch_${name}`));
  return [
    ...table([
      [
        "action",
        `requests${per}`,
        `documents${per}`,
        `failed${per}`,
        "median ≤",
        "p95 ≤",
      ],
      ...rows,
    ]),
    ...(rows.length === 0 ? ["(no requests to the plugin yet)"] : []),
    "",
    `engine    ${counter("engine_calls_total")} calls${per}, median ≤ ${bound(0.5, ENGINE)}, p95 ≤ ${bound(0.95, ENGINE)}, ` +
      `${gauge("inflight")} of at most ${gauge("concurrency_limit")} in progress`,
    `resent    ${counter("retries_total")} retries${per}, ${counter("conflicts_total")} conflicts${per}, ${counter("idempotent_replays_total")} replays${per}`,
    `atomic    ${gauge("journals_pending")} pending journals, the oldest ${gauge("journal_oldest_age_seconds")} s old, ${counter("rollbacks_total")} rollbacks${per}`,
  ];
}

function rate(value: number): string {
  return value > 0 && value < 10
    ? value.toFixed(1).replace(/\.0$/, "")
    : number(value);
}

function milliseconds(seconds: number): string {
  return seconds === Infinity ? "more" : `${number(seconds * 1000)} ms`;
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join("  "),
  );
}
