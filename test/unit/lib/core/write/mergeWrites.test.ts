import should from "should";

import {
  mergeWrites,
  type CompletedBatch,
} from "../../../../../lib/core/write/mergeWrites";
import { newRequestStats } from "../../../../../lib/core/RequestStats";
import type { BulkDone } from "../../../../../lib/core/ports/DocumentStore";
import type { ItemResult } from "../../../../../lib/core/outcome";
import { documents, writeCommand } from "../../../../support/commands";
import { failureOf } from "../../../../support/failures";

const DONE: BulkDone = {
  _version: 1,
  _seq_no: 0,
  _primary_term: 1,
  _shards: { total: 1, successful: 1, failed: 0 },
  result: "created",
  status: 201,
};
const OK: ItemResult<BulkDone> = { ok: true, value: DONE, attempts: 2 };
const FAILED: ItemResult<BulkDone> = {
  ok: false,
  failure: failureOf("mapping"),
  attempts: 1,
};
function batch(
  ids: readonly string[],
  results: readonly ItemResult<BulkDone>[],
): CompletedBatch {
  const command = writeCommand({ documents: documents(ids) });
  return {
    command,
    documents: command.documents,
    validationErrors: [],
    nothingSent: false,
    results,
    requestStats: newRequestStats(),
  };
}

describe("mergeWrites", () => {
  it("[R1] gives each document its place by its own outcome", () => {
    const merged = mergeWrites(batch(["a", "b", "c"], [OK, FAILED, OK]), 1.7);

    should(merged.successes).containDeepOrdered([
      { _id: "a", position: 0, result: "created", attempts: 2 },
      { _id: "c", position: 2, result: "created", attempts: 2 },
    ]);
    should(merged.errors).containDeep([
      { document: { _id: "b" }, position: 1, code: "mapping" },
    ]);
    should(merged.stats).containEql({ written: 2, errors: 1, tookMs: 2 });
  });

  it("[R1] takes a batch that lost a document for a fault", () => {
    const lossy = batch(["a", "b"], [OK, OK]);
    should(() =>
      mergeWrites(
        { ...lossy, documents: lossy.documents.slice(1), results: [OK] },
        0,
      ),
    ).throw(/exactly one list/);
  });

  it("distinguishes complete, rejected and incomplete batches", () => {
    const complete = batch(["a"], [OK]);
    const incomplete = batch(["a"], [FAILED]);
    const refused = { ...complete, documents: [], nothingSent: true };

    should(
      [complete, incomplete, refused].map(
        (each) => mergeWrites(each, 0).completeness,
      ),
    ).eql(["complete", "incomplete", "refused"]);
  });
});
