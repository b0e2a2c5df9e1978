import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import { Fingerprint } from "../../../../bin/input/Fingerprint";
import type { InputOptions } from "../../../../bin/input/format";
import { RowReader } from "../../../../bin/input/RowReader";
import { Pace } from "../../../../bin/load/Pace";
import { PAUSE, withPauses } from "../../../../bin/load/pauses";
import { milliseconds } from "../../../../bin/options";

const INPUT: InputOptions = {
  ...{ format: "auto", bare: false, delimiter: undefined },
  ...{ types: new Map(), nested: false, force: false },
};
const RULES = { idField: undefined, newId: undefined, maxDocumentBytes: 1_000 };

describe("an input that pauses", () => {
  async function* items() {
    yield 1;
    yield 2;
    await sleep(120);
    yield 3;
    await sleep(5);
    yield 4;
  }

  it("is distinguished from one that continues, once for each pause", async () => {
    const seen = [];
    for await (const each of withPauses(items(), 40)) seen.push(each);
    should(seen).eql([1, 2, PAUSE, 3, 4]);

    const plain = [];
    for await (const each of withPauses(items(), undefined)) plain.push(each);
    should(plain).eql([1, 2, 3, 4]);
  });

  it("passes on what goes wrong, and ends the input with its reader", async () => {
    let isEnded = false;
    async function* broken() {
      try {
        yield 1;
        await sleep(20);
        throw new Error("broken");
      } finally {
        isEnded = true;
      }
    }
    const read = async (most: number) => {
      let count = 0;
      for await (const each of withPauses(broken(), 5)) {
        if (each !== PAUSE && ++count === most) break;
      }
    };
    await should(read(2)).be.rejectedWith("broken");
    isEnded = false;
    await read(1);
    should(isEnded).be.true();
  });

  it("is flushed after a duration", () => {
    should(["500ms", "1s", "2m"].map(milliseconds)).eql([500, 1_000, 120_000]);
    for (const text of ["1", "0s", "s", "1 s", "1h"]) {
      should(() => milliseconds(text)).throw(/duration/);
    }
  });
});

describe("a long input", function () {
  this.timeout(10_000);

  it("holds no row back to find its format", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "pipe-"));
    const name = path.join(folder, "input");
    execFileSync("mkfifo", [name]);
    // opened for both, it waits for no reader, and the input does not end
    const writer = openSync(name, "r+");
    const stop = new AbortController();
    try {
      writeSync(writer, '{"_id":"a","body":{}}\n');
      const reader = await RowReader.open(
        ...([name, INPUT, RULES, 1_000, stop.signal] as const),
        new Fingerprint(1_000),
      );
      const batches = reader.batches();
      should((await batches.next()).value).match([{ id: "a" }]);
      writeSync(writer, '{"_id":"b","body":{}}\n');
      should((await batches.next()).value).match([{ id: "b" }]);
    } finally {
      stop.abort();
      closeSync(writer);
      rmSync(folder, { recursive: true });
    }
  });
});

describe("Pace", () => {
  it("lets so many pass in a second", async () => {
    let now = 0;
    const clock = {
      now: () => now,
      random: () => 0,
      sleep: async (ms: number) => void (now += ms),
    };
    const pace = new Pace(100, clock);
    const { signal } = new AbortController();
    const times: number[] = [];
    for (const documents of [50, 50, 100, 1]) {
      await pace.take(documents, signal);
      times.push(now);
    }
    should(times).eql([0, 500, 1_000, 2_000]);
  });
});
