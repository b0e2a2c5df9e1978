/** A load into a fake server, with a folder of its own for each test. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import {
  type Call,
  ConnectionLost,
} from "../../../../bin/connection/connection";
import type { LoadJob } from "../../../../bin/load/job";
import { load } from "../../../../bin/load/load";
import { PLAIN as PLAIN_WRAP } from "../../../../bin/load/wrap";

export interface Sent {
  readonly key: string;
  readonly ids: string[];
}

/** Keeps documents and keys as the plugin does; its response times are random. */
export class FakeServer {
  readonly server = "fake";
  readonly envelopeBytes = 0;
  readonly hasUser = true;
  readonly timeoutMs = 1_000;
  readonly documents = new Map<string, { body: unknown; version: number }>();
  readonly sent: Sent[] = [];
  private readonly answers = new Map<string, unknown>();
  /** the number of the request, from 1, that fails */
  failAt = Infinity;
  isFailureBefore = false;
  failure: Error = new ConnectionLost("no more");

  async call({ body, args }: Call): Promise<unknown> {
    should((body as Buffer).length).be.belowOrEqual(300);
    const { documents } = JSON.parse((body as Buffer).toString());
    const key = String(args?.idempotencyKey);
    this.sent.push({ key, ids: documents.map((each: any) => each._id) });
    const n = this.sent.length;
    await sleep(Math.random() * 4);
    if (n === this.failAt && this.isFailureBefore) throw this.failure;
    if (!this.answers.has(key)) this.answers.set(key, this.write(documents));
    if (n === this.failAt) throw this.failure;
    return this.answers.get(key);
  }

  private write(documents: any[]): unknown {
    const errors: object[] = [];
    documents.forEach(({ _id, json }, position) => {
      const body = JSON.parse(json);
      if (body.bad) {
        errors.push({ position, code: "mapping", status: 400, reason: "bad" });
        return;
      }
      const version = (this.documents.get(_id)?.version ?? 0) + 1;
      this.documents.set(_id, { body, version });
    });
    return { errors };
  }

  logIn = async () => false;
  close = () => undefined;
}

export const PLAIN = { checkpointFile: undefined, rejectsFile: undefined };

/** To be called in a suite; its hooks make and remove the folder. */
export function useLoad() {
  let folder: string;
  const file = (name: string) => path.join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "kuzzle-batch-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const job = (options: Partial<LoadJob> = {}): LoadJob => ({
    input: file("input"),
    inputOptions: {
      ...{ format: "auto", bare: false, delimiter: undefined },
      types: new Map(),
      ...{ nested: false, force: false },
    },
    idField: undefined,
    target: {
      ...{ action: "mWrite", index: "i", collection: "c" },
      ...{ args: {}, wrap: PLAIN_WRAP, assignsIds: true },
    },
    strict: false,
    concurrency: 3,
    rejectsFile: file("rejects"),
    checkpointFile: file("checkpoint"),
    limits: { maxBytes: 300, maxDocuments: 5 },
    retryForMs: 0,
    rememberedIds: 1_000,
    allowEmpty: false,
    ...{ flushEveryMs: undefined, rate: undefined },
    ...options,
  });
  const notes: string[] = [];
  const report = {
    onBegin: () => undefined,
    onProgress: () => undefined,
    onRejected: () => undefined,
    onNote: (text: string) => notes.push(text),
  };
  const run = (
    server: FakeServer | undefined,
    options: Partial<LoadJob> = {},
    signal: AbortSignal = new AbortController().signal,
  ) => load(job(options), server, report, signal);

  /**
   * Rows of all kinds: `x` broken, `b` rejected by the server, `n` without id, `d` a
   * duplicate.
   */
  function write(kinds: string): void {
    writeFileSync(
      file("input"),
      [...kinds]
        .map((kind, i) => {
          if (kind === "x") return "{";
          if (kind === "n") return `{"body":{"row":${i + 1}}}`;
          const id = kind === "d" ? "row-1" : `row-${i + 1}`;
          const bad = kind === "b" ? ',"bad":true' : "";
          return `{"_id":"${id}","body":{"row":${i + 1}${bad}}}`;
        })
        .join("\n"),
    );
  }

  const rejects = () =>
    readFileSync(file("rejects"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).reject)
      .filter((reject) => reject !== undefined)
      .map(({ line, code }) => `${line} ${code}`);

  function expectedRejects(kinds: string): string[] {
    const codes = { x: "invalid", b: "mapping", d: "duplicate" };
    return [...kinds].flatMap((kind, i) => {
      const code = codes[kind as keyof typeof codes];
      return code === undefined ? [] : [`${i + 1} ${code}`];
    });
  }

  const kindsOf = (length: number) =>
    Array.from({ length }, (_, i) => "ookonbxdo"[(i * 7) % 9]).join("");

  return { file, job, notes, run, write, rejects, expectedRejects, kindsOf };
}
