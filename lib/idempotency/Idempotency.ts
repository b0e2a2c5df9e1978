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

/** A key that was claimed so recently belongs to nobody else by now. */
const FRESH_MS = 1_000;

type Running = Extract<KeyRecord, { state: "running" }>;

/**
 * Makes sure, just before the first write, that the run still has its key: its node may
 * have been held up for so long that others take it for dead.
 *
 * @throws `batch.idempotency.*`: nothing may be written
 */
export type ConfirmKey = () => Promise<void>;

/** A run of this node, as the cache should know it. */
interface OwnRun {
  readonly cacheKey: string;
  record: Running;
}

/** Runs each key's request once, over all nodes, and repeats its answer. */
export class Idempotency {
  /** ids of runs that this node is at work on */
  private readonly running = new Set<string>();

  /** @param now milliseconds, only good for differences */
  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly onReplay: () => void,
    private readonly now: () => number = () => performance.now(),
    private readonly records = new KeyRecords(kuzzle.cache),
  ) {}

  /**
   * @param args the request's arguments as they were understood
   * @param run has to confirm the key before it writes anything
   * @throws `batch.idempotency.*`, or what the first run has thrown
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
      // it may have been claimed all the same; nothing was done
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
    // whoever looks from now on knows that this node lives; whoever has looked before
    // finds another record than expected
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
    // others may have got the answer that nobody knows it; better late than never
    const abandonedRun: KeyRecord = { ...record, state: "abandoned" };
    try {
      for (const expected of [record, abandonedRun]) {
        const next = outcome ?? null;
        if (await this.records.replace(cacheKey, expected, next)) {
          return;
        }
      }
    } catch (error) {
      // it is written: the caller has to hear that, whatever the cache does
      this.kuzzle.logError("The outcome of an idempotency key is lost", error);
    }
  }

  /** @returns undefined when the key's record has changed meanwhile */
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

  /** Written down, so that the run does not begin to write when it is not dead. */
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

  /** Of itself a node knows for sure, whatever it could tell the cache. */
  private async isRunning({ node, run }: Running): Promise<boolean> {
    return node === this.kuzzle.nodeId
      ? this.running.has(run)
      : this.records.bounded(this.kuzzle.isNodeAlive(node));
  }
}
