import assert from "node:assert";

import { EngineError, type EngineAnswer } from "../ports/DocumentStore";
import type { RequestStats } from "../RequestStats";
import { NOT_SENT } from "./notSent";
import { AdaptiveLimit, type LimitBounds } from "./AdaptiveLimit";
import type { Part, Waiting } from "./Part";
import { UsualDurations } from "./UsualDurations";
import {
  WaitingParts,
  type Line,
  type MergeLimits,
  type TakenParts,
} from "./WaitingParts";

/** The clock functions that a lane needs. */
export interface LaneClock {
  /** milliseconds; only for measuring differences */
  now(): number;
  /** calls back once, after about this many milliseconds */
  alarm(ms: number, ring: () => void): void;
  /** calls back once, after everything that has already arrived was handled */
  endOfTurn(ring: () => void): void;
}

export interface LaneOptions extends LimitBounds {
  readonly merge: MergeLimits;
  /** how many calls of a kind are under way before small ones wait to be merged */
  readonly callsBeforeMerging: number;
  /** how long a part may wait for its turn, in milliseconds */
  readonly maxQueueMs: number;
  /**
   * How many milliseconds others wait for a call, to be merged after it. Undefined:
   * until it takes much longer than usual; then its collections are served separately.
   */
  readonly patienceMs?: number;
}

/** A larger part gains little from sharing a call, and would delay small ones. */
const SMALL = { size: 100, bytes: 128 * 1024 } as const;

/** How often a lane with waiting parts checks the time. */
const TICK_MS = 25;

/** A call is slow if it takes longer than `ms`, and `times` as long as usual. */
const SLOW = { ms: 100, times: 5 } as const;

/** More slow collections than this mean that everything is slow. */
const MAX_SLOW_PLACES = 1_000;

/** After this many slow calls in a row, their duration is the usual one. */
const MAX_SLOW_IN_A_ROW = 20;

/** A call to the engine that is under way. */
interface Call extends TakenParts {
  /** those with parts in the call, each once */
  readonly requests: ReadonlySet<RequestStats>;
  readonly size: number;
  readonly startedAt: number;
  readonly epoch: number;
  /** it involves slow collections */
  readonly isSlow: boolean;
  /** it has taken so long that nothing waits for it any more */
  isOverdue: boolean;
}

/**
 * Calls of one type to the engine, and the parts that wait for them.
 *
 * Once enough calls of a kind are under way, small parts wait until one of them
 * returns, and then share a call with all others of the kind that have arrived (group
 * commit). With fewer under way, a part shares a call with others from the same turn of
 * the event loop; with none, it is sent at once. Merging needs no timer: it starts as
 * soon as requests arrive faster than calls return.
 *
 * Source: `AsyncIOProcessor` of Elasticsearch, and RFC 896 (Nagle), which sends full
 * segments at once and small ones when nothing is under way.
 */
export class Lane {
  private readonly adaptive: AdaptiveLimit;
  private readonly usual = new UsualDurations();
  private readonly parts: WaitingParts;
  private readonly underWay = new Set<Call>();
  /** how many calls of each kind are under way that others wait for */
  private readonly awaited = new Map<string, number>();
  /** collections that take much longer than others */
  private readonly slowPlaces = new Set<string>();
  private hasAlarm = false;
  private advancesSoon = false;
  /** how many calls have been slow since the last one that was not */
  private slowInARow = 0;
  /** how many groups of parts were suspected of spoiling a call */
  private suspicions = 0;

  constructor(
    private readonly options: LaneOptions,
    private readonly clock: LaneClock,
  ) {
    this.adaptive = new AdaptiveLimit(options);
    this.parts = new WaitingParts(options.merge);
  }

  get limit(): number {
    return this.adaptive.value;
  }

  get inflight(): number {
    return this.underWay.size;
  }

  /**
   * Sends a part as soon as the limit allows.
   *
   * @returns the outcomes of its items, by position
   * @throws {EngineError} when the call as a whole failed, or the part could not be
   * sent within `maxQueueMs`
   */
  send<Chunk, Value>(part: Part<Chunk, Value>): Promise<EngineAnswer<Value>> {
    return new Promise((resolve, reject) => {
      this.enqueue({
        part: part,
        queuedAt: this.clock.now(),
        resolve: resolve as Waiting["resolve"],
        reject,
      });
      this.advanceWith(part.kind);
    });
  }

  /**
   * Other requests of this turn of the event loop have their parts ready by the end of
   * the turn. While a call is under way, the first of them waits for the others.
   */
  private advanceWith(kind: string | undefined): void {
    if (kind === undefined || !this.awaited.has(kind)) {
      this.advance();
    } else if (!this.advancesSoon) {
      this.advancesSoon = true;
      this.clock.endOfTurn(() => {
        this.advancesSoon = false;
        this.advance();
      });
    }
  }

  private enqueue(waiting: Waiting): void {
    this.parts.add(waiting, waiting.suspects ?? this.lineOf(waiting.part));
  }

  private lineOf(part: Part): string | undefined {
    const { kind, size, bytes } = part;
    if (kind === undefined || size > SMALL.size || bytes > SMALL.bytes) {
      return undefined;
    }
    return this.isSlow(part) ? `${kind} ${part.places().join()}` : kind;
  }

  private isSlow(part: Part): boolean {
    const { slowPlaces } = this;
    return (
      slowPlaces.size > 0 && part.places().some((each) => slowPlaces.has(each))
    );
  }

  /** Starts as many calls as the limit allows. */
  private advance(): void {
    while (this.underWay.size < this.limit) {
      const next = this.parts.takeNext((line) => this.mayGo(line));
      if (next === undefined) {
        break;
      }
      void this.call(next);
    }
    if (!this.parts.isEmpty && !this.hasAlarm) {
      this.hasAlarm = true;
      this.clock.alarm(TICK_MS, () => this.tick());
    }
  }

  private mayGo(line: Line): boolean {
    const { kind, waiting } = line;
    const awaited = kind === undefined ? 0 : (this.awaited.get(kind) ?? 0);
    const { callsBeforeMerging } = this.options;
    if (awaited >= callsBeforeMerging && !this.parts.isFull(line)) {
      return false;
    }
    if (!this.isSlow((waiting[0] as Waiting).part)) {
      return true;
    }
    // half of the limit is reserved for the other collections
    const slow = [...this.underWay].filter(({ isSlow }) => isSlow).length;
    return slow < Math.max(1, this.limit / 2);
  }

  private async call({ kind, taken }: TakenParts): Promise<void> {
    const call = this.begin(kind, taken);
    const [{ part: first }] = taken as [Waiting];
    let answer: EngineAnswer<unknown>;
    try {
      answer = await first.send(taken.map(({ part }) => part.chunk));
      assert.equal(answer.outcomes.length, call.size, "answers are lost");
    } catch (error) {
      this.end(call, error);
      this.fail(taken, error);
      this.advance();
      return;
    }
    this.end(call, answer);
    resolveEach(taken, answer);
    this.advance();
  }

  private begin(kind: string | undefined, taken: readonly Waiting[]): Call {
    const startedAt = this.clock.now();
    let size = 0;
    for (const { part, queuedAt } of taken) {
      size += part.size;
      part.stats.queueMs += startedAt - queuedAt;
    }
    const requests = new Set(taken.map(({ part }) => part.stats));
    requests.forEach((stats) => stats.engineCalls++);
    const call: Call = {
      kind,
      requests,
      taken,
      size,
      startedAt,
      epoch: this.adaptive.epoch,
      isSlow: taken.some(({ part }) => this.isSlow(part)),
      isOverdue: false,
    };
    this.underWay.add(call);
    this.countAwaited(call, 1);
    return call;
  }

  private end(call: Call, ended: unknown): void {
    const { startedAt } = call;
    const ms = this.clock.now() - startedAt;
    const tookMs = (ended as Partial<EngineAnswer<unknown>>).tookMs ?? ms;
    call.requests.forEach((stats) => (stats.engineTookMs += tookMs));
    if (isRejection(ended)) {
      this.adaptive.rejected(call.epoch);
    } else if (this.options.patienceMs === undefined) {
      this.judge(call, ms);
    }
    this.underWay.delete(call);
    if (!call.isOverdue) {
      this.countAwaited(call, -1);
    }
  }

  private judge(call: Call, ms: number): void {
    const wasSlow = ms > this.patienceWith(call);
    this.slowInARow = wasSlow ? this.slowInARow + 1 : 0;
    if (wasSlow) {
      this.suspect(call);
    } else if (this.slowPlaces.size > 0) {
      placesOf(call).forEach((place) => this.slowPlaces.delete(place));
    }
    const usual = this.usual.of(call.size);
    if (!call.isSlow && usual !== undefined && usual > 0) {
      this.adaptive.answered(ms / usual, this.underWay.size);
    }
    // otherwise calls about slow collections alone would raise the usual duration of
    // their size, and others would wait for them again
    if (!wasSlow || this.slowInARow > MAX_SLOW_IN_A_ROW) {
      this.usual.learn(call.size, ms);
    }
  }

  /**
   * One of its collections is slow. Until it is known which, each is served separately.
   */
  private suspect(call: Call): void {
    if (this.slowPlaces.size > MAX_SLOW_PLACES) {
      this.slowPlaces.clear();
    }
    placesOf(call).forEach((place) => this.slowPlaces.add(place));
  }

  private patienceWith({ size }: Call): number {
    return (
      this.options.patienceMs ??
      Math.max(SLOW.ms, SLOW.times * (this.usual.of(size) ?? 0))
    );
  }

  private countAwaited({ kind }: Call, change: number): void {
    if (kind !== undefined) {
      this.awaited.set(kind, (this.awaited.get(kind) ?? 0) + change);
      if (this.awaited.get(kind) === 0) {
        this.awaited.delete(kind);
      }
    }
  }

  /**
   * If the engine rejected the call as a whole because of its content, it took nothing
   * of it. Sending the halves, and their halves, finds the culprit, so that one bad
   * part of 64 costs the others 6 more calls and not 64. Any other failure applies to
   * every part.
   */
  private fail(taken: readonly Waiting[], error: unknown): void {
    if (taken.length === 1 || !isInvalidContent(error)) {
      taken.forEach(({ reject }) => reject(error));
      return;
    }
    const queuedAt = this.clock.now();
    const middle = Math.ceil(taken.length / 2);
    for (const half of [taken.slice(0, middle), taken.slice(middle)]) {
      const suspects = `suspects ${this.suspicions++}`;
      half.forEach((each) => this.enqueue({ ...each, queuedAt, suspects }));
    }
  }

  private tick(): void {
    this.hasAlarm = false;
    const now = this.clock.now();
    for (const waiting of this.parts.takeOlder(now - this.options.maxQueueMs)) {
      waiting.part.stats.queueMs += now - waiting.queuedAt;
      waiting.reject(new EngineError(NOT_SENT, false));
    }
    for (const call of this.underWay) {
      if (!call.isOverdue && now - call.startedAt > this.patienceWith(call)) {
        call.isOverdue = true;
        this.countAwaited(call, -1);
        if (this.options.patienceMs === undefined) {
          this.suspect(call);
        }
      }
    }
    // parts that waited with others may involve collections now known to be slow
    this.parts
      .takeWhere(({ part }) => this.isSlow(part))
      .forEach((waiting) => this.enqueue(waiting));
    this.advance();
  }
}

function placesOf({ taken }: Call): string[] {
  return taken.flatMap(({ part }) => part.places());
}

/** Each part gets the outcomes of its own items. */
function resolveEach(
  taken: readonly Waiting[],
  answer: EngineAnswer<unknown>,
): void {
  if (taken.length === 1) {
    taken[0]?.resolve(answer);
    return;
  }
  let start = 0;
  for (const { part, resolve } of taken) {
    const end = start + part.size;
    resolve({ outcomes: answer.outcomes.slice(start, end) });
    start = end;
  }
}

function isRejection(ended: unknown): boolean {
  if (ended instanceof EngineError) {
    return ended.failure.status === 429;
  }
  const { outcomes = [] } = ended as Partial<EngineAnswer<unknown>>;
  return outcomes.some((each) => !each.ok && each.failure.status === 429);
}

function isInvalidContent(error: unknown): boolean {
  return (
    error instanceof EngineError &&
    !error.retryable &&
    error.failure.status >= 400 &&
    error.failure.status < 500
  );
}
