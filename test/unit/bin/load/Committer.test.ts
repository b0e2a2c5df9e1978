import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

import type { CheckpointState } from "../../../../bin/load/Checkpoint";
import { Committer, chunkResult } from "../../../../bin/load/Committer";
import { documentRow, rejectedRow } from "../support";

const BEGIN: CheckpointState = {
  ...{ version: 1, runId: "run", job: {}, server: "s", complete: false },
  limits: { maxBytes: 1, maxDocuments: 1 },
  position: { offset: 0, rows: 0, digest: "" },
  rejects: { file: null, bytes: 0 },
  counts: { done: 0, rejected: 0 },
};

describe("Committer", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "committer-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("saves occasionally, and always everything recorded so far", async () => {
    const checkpointFile = path.join(folder, "checkpoint");
    let now = 0;
    const told: number[] = [];
    const events = {
      onRejected: ({ line }: { line: number }) => told.push(line),
      onProgress: () => undefined,
    };
    const committer = new Committer(
      {
        checkpointFile,
        rejects: undefined,
        origin: () => {
          throw new Error("there is no rejects file");
        },
        events,
        begin: BEGIN,
      },
      () => now,
    );
    const saved = () =>
      JSON.parse(readFileSync(checkpointFile, "utf8")) as CheckpointState;
    const commit = (row: number) =>
      committer.commit(
        chunkResult(
          {
            documents: [documentRow(row), documentRow(row + 2)],
            rejected: [rejectedRow(row + 1)],
            ...{ end: row * 10 + 20, rows: row + 2 },
          },
          `digest-${row}`,
          {
            done: 1,
            failed: new Map([
              [row, { code: "mapping", reason: "bad", status: 400 }],
            ]),
          },
        ),
      );

    await committer.save(false);
    now = 100;
    await commit(1);
    should(saved().position.rows).equal(0);
    now = 300;
    await commit(4);
    should(saved()).match({
      position: { offset: 60, rows: 6, digest: "digest-4" },
      counts: { done: 2, rejected: 4 },
      complete: false,
    });
    should(told).eql([1, 2, 4, 5]);
    await committer.save(true);
    should(saved().complete).be.true();
  });
});
