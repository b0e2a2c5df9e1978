import type { KuzzleRequest } from "kuzzle";
import { randomUUID } from "node:crypto";

import { batchError } from "../errors";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";
import { KeyRecords, type KeyRecord } from "./KeyRecords";
import { fingerprint, type IdempotencyKey } from "./key";
import {
  abandoned,
  reviveAnswer,
  revivedError,
  storableError,
  stripAnswer,
  type RepeatableAnswer,
} from "./outcome";

/** A key that was claimed this recently can't belong to anybody else yet. */
const FRESH_MS = 1_000;

type Running = Extract<KeyRecord, { state: "running" }>;

/**
 * Makes sure, just before the first write, that the run still owns its key: its node
 * may have been delayed for so long that others consider it dead.
 *
 * @throws `batch.idempotency.*`, in which case nothing may be written
 */
export type ConfirmKey = () => Promise<void>;

/** A run of this node, as the cache should record it. */
interface OwnRun {
  readonly cacheKey: string;
  record: Running;
}

/** Runs the request of each key once across all nodes, and repeats its response. */
export class Idempotency {
  /** ids of the runs in progress on this node */
  private readonly running = new Set<string>();

  /** @param now milliseconds; only for measuring differences */
  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly onReplay: () => void,
    private readonly now: () => number = () => performance.now(),
    private readonly records = new KeyRecords(kuzzle.cache),
  ) {}

  /**
   * @param args the request's arguments after parsing
   * @param run must confirm the key before it writes anything
   * @throws `batch.idempotency.*`, or what the first run threw
   */
  async once<Answer extends RepeatableAnswer>(
    request: KuzzleRequest,
    args: object,
    key: IdempotencyKey,
    run: (confirmKey: ConfirmKey) => Promise<Answer>,
  ): Promise<Answer> {
    const cacheKey = `batch/idempotency/${key.digest}`;
    const own: Running = {
      state: "running",
      run: randomUUID(),
      request: fingerprint(request, args),
      node: this.kuzzle.nodeId,
    };
    const claimedAt = this.now();
    for (;;) {
      const known = await this.claim(cacheKey, own);
      if (known.run === own.run) {
        return this.runFirst({ cacheKey, record: own }, claimedAt, run);
      }
      const answer = await this.repeat(request, own, known, cacheKey);
      if (answer !== undefined) {
        return answer as Answer;
      }
    }
  }

  private async claim(cacheKey: string, own: Running): Promise<KeyRecord> {
    try {
      return await this.records.claim(cacheKey, own);
    } catch (error) {
      // the key may have been claimed nevertheless; nothing was done
      void this.records.replace(cacheKey, own, null).catch(() => undefined);
      throw error;
    }
  }

  private async runFirst<Answer extends RepeatableAnswer>(
    own: OwnRun,
    claimedAt: number,
    run: (confirmKey: ConfirmKey) => Promise<Answer>,
  ): Promise<Answer> {
    const { run: id } = own.record;
    this.running.add(id);
    try {
      const answer = await run(() => this.confirm(own, claimedAt));
      const outcome = stripAnswer(answer);
      await this.keep(own, { ...own.record, state: "done", answer: outcome });
      return answer;
    } catch (error) {
      const stored = storableError(error);
      await this.keep(
        own,
        stored && { ...own.record, state: "failed", error: stored },
      );
      throw error;
    } finally {
      this.running.delete(id);
    }
  }

  private async confirm(own: OwnRun, claimedAt: number): Promise<void> {
    if (this.now() - claimedAt < FRESH_MS) {
      return;
    }
    // nodes that check from now on see this one alive; nodes that checked before find a
    // different record from the one they expect
    await this.records.bounded(this.kuzzle.tellAlive());
    const confirmed: Running = { ...own.record, confirmed: true };
    if (!(await this.records.replace(own.cacheKey, own.record, confirmed))) {
      throw batchError("batch.idempotency.lost", {});
    }
    own.record = confirmed;
  }

  /** @param outcome undefined: nothing was done, and the key is free again */
  private async keep(
    { cacheKey, record }: OwnRun,
    outcome: KeyRecord | undefined,
  ): Promise<void> {
    // others may have been answered that the outcome is unknown; better late than never
    const abandonedRun: KeyRecord = { ...record, state: "abandoned" };
    try {
      for (const expected of [record, abandonedRun]) {
        const next = outcome ?? null;
        if (await this.records.replace(cacheKey, expected, next)) {
          return;
        }
      }
    } catch (error) {
      // the batch is written, and the caller must hear that even if the cache fails
      this.kuzzle.logError("The outcome of an idempotency key is lost", error);
    }
  }

  /** @returns undefined when the key's record has changed in the meantime */
  private async repeat(
    request: KuzzleRequest,
    asked: KeyRecord,
    known: KeyRecord,
    cacheKey: string,
  ): Promise<RepeatableAnswer | undefined> {
    if (known.request !== asked.request) {
      throw batchError("batch.idempotency.mismatch", {});
    }
    switch (known.state) {
      case "abandoned":
        throw abandoned(request);
      case "running":
        if (await this.isRunning(known)) {
          throw batchError("batch.idempotency.in_progress", {});
        }
        return this.abandon(request, known, cacheKey);
      case "failed":
        this.onReplay();
        throw revivedError(known.error, request);
      case "done":
        this.onReplay();
        return reviveAnswer(known.answer as RepeatableAnswer, request);
    }
  }

  /**
   * Recorded in the cache, so that a run that is not dead after all does not start to
   * write.
   */
  private async abandon(
    request: KuzzleRequest,
    known: Running,
    cacheKey: string,
  ): Promise<undefined> {
    const { run, request: fingerprinted, node } = known;
    const record: KeyRecord = {
      state: "abandoned",
      run,
      request: fingerprinted,
      node,
    };
    if (await this.records.replace(cacheKey, known, record)) {
      throw abandoned(request);
    }
    return undefined;
  }

  /** A node knows about its own runs, even if it could not update the cache. */
  private async isRunning({ node, run }: Running): Promise<boolean> {
    return node === this.kuzzle.nodeId
      ? this.running.has(run)
      : this.records.bounded(this.kuzzle.isNodeAlive(node));
  }
}
