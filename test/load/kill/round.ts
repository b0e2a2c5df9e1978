/** One atomic batch whose node dies, and what must be true of it afterwards. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { findLast, groupBy, sample } from "lodash";

import { storedTexts, type StoredText } from "../../../features/support/bytes";
import { hashDocument } from "../../../lib/core/atomic/decideRollback";
import {
  addressKey,
  type Journal,
  type JournalEntry,
} from "../../../lib/core/ports/JournalStore";
import { journalWith, untilDecided, writeForeign } from "./engine";
import type { Step } from "./plan";
import {
  INDEX,
  isIntended,
  requestOf,
  targetsOf,
  textBefore,
  type Action,
  type Target,
} from "./targets";

/** Maximum number of writes by another client; often there is none. */
const FOREIGN_EARLY = 2;
const FOREIGN_LATE = 3;

interface ForeignWrite {
  readonly id: string;
  /** null: deleted */
  readonly text: string | null;
  readonly seqNo: number;
}

export type Verdict =
  "nothing begun" | "committed" | "rolled_back" | "rollback_incomplete";

type Texts = ReadonlyMap<string, StoredText | null>;

export class Round {
  private readonly targets: readonly Target[];
  private before: Texts = new Map();
  private readonly foreign: ForeignWrite[] = [];
  /** milliseconds since the epoch */
  diedAt = 0;
  /** nobody else writes these documents */
  readonly isAlone: boolean;
  /** a node of Elasticsearch dies as well */
  readonly isFailover: boolean;

  constructor(
    readonly number: number,
    readonly step: Step,
    readonly action: Action,
    {
      isAlone = false,
      isFailover = false,
    }: { isAlone?: boolean; isFailover?: boolean } = {},
  ) {
    this.isAlone = isAlone;
    this.isFailover = isFailover;
    this.targets = targetsOf(action, number, step === "rollback");
  }

  async prepare(): Promise<void> {
    for (const target of this.targets.filter(({ isThere }) => isThere)) {
      await writeForeign(aliasOf(target), target._id, textBefore(target));
    }
    this.before = await this.read();
  }

  /** The engine rejects the last document of a batch that is to be rolled back. */
  get request(): { path: string; body: string; key: string } {
    return {
      ...requestOf(this.action, this.targets),
      key: `round-${this.number}`,
    };
  }

  private get firstId(): string {
    return this.targets[0]?._id as string;
  }

  /** Another client's writes during the batch, before or after its own. */
  async disturbEarly(): Promise<void> {
    const mayConflict = ["reading", "journal", "bulk", "rollback"].includes(
      this.step,
    );
    if (!mayConflict) {
      return;
    }
    await sleep(Math.random() * 60);
    await this.writeSome(FOREIGN_EARLY);
  }

  /** Another client's writes between the node's death and the recovery of its batch. */
  disturbLate(): Promise<void> {
    return this.writeSome(FOREIGN_LATE);
  }

  private async writeSome(most: number): Promise<void> {
    const count = this.isAlone ? 0 : Math.ceil(Math.random() * most);
    for (let i = 0; i < count; i++) {
      const target = sample(this.targets) as Target;
      const id = target._id;
      const text =
        Math.random() < 0.25
          ? null
          : JSON.stringify({ foreign: `${id} ${Math.random()}` });
      const seqNo = await writeForeign(aliasOf(target), id, text);
      this.foreign.push({ id, text, seqNo });
    }
  }

  /** By id, which is unique across collections. */
  private async read(): Promise<Texts> {
    const texts = await Promise.all(
      Object.entries(groupBy(this.targets, aliasOf)).map(([alias, targets]) =>
        storedTexts(
          alias,
          targets.map(({ _id }) => _id),
        ),
      ),
    );
    return new Map(texts.flatMap((each) => [...each]));
  }

  /** @throws if anything of the batch was written */
  async assertUntouched(): Promise<void> {
    const now = await this.read();
    for (const { _id } of this.targets) {
      assertHolds(now, _id, [this.before.get(_id)?.text ?? null]);
    }
  }

  /** Waits until a live node has recovered the batch, if there was anything to recover. */
  untilDecided(): Promise<void> {
    return untilDecided(this.firstId);
  }

  /** @throws if anything contradicts the contract */
  async judge(): Promise<Verdict> {
    const now = await this.read();
    const journal = await journalWith(this.firstId);
    if (journal === undefined) {
      for (const { _id } of this.targets) {
        assertHolds(now, _id, [this.foundBefore(_id, undefined)]);
      }
      return "nothing begun";
    }
    const { state, modified } = journal;
    assert.ok(state !== "pending" && state !== "rolling_back");
    for (const target of this.targets) {
      this.judgeDocument(target, now, journal);
    }
    assert.equal(
      state,
      modified.length > 0
        ? "rollback_incomplete"
        : state === "committed"
          ? "committed"
          : "rolled_back",
    );
    assert.ok(
      state !== "rollback_incomplete" ||
        this.foreign.length > 0 ||
        this.isFailover,
      "nobody else has written, and the rollback is incomplete",
    );
    return state;
  }

  private judgeDocument(target: Target, now: Texts, journal: Journal): void {
    const { _id } = target;
    const { state, modified } = journal;
    const isNamed = modified.includes(addressKey(target));
    const entry = journal.entries.find((each) => each._id === _id);
    assert.ok(entry, `${_id} is not in the journal`);
    const found =
      entry.before === null ? null : this.foundBefore(_id, entry.before.seqNo);
    const since = this.foreignSince(_id, entry.before?.seqNo);
    const last = since.at(-1);
    const holdsIntended = (text: string | null): boolean =>
      isIntended(target, found, text) &&
      hashDocument(entry, text) === entry.intendedHash;

    if (last === undefined && isNamed && this.isFailover) {
      // a deletion that conflicted with itself: the guarantees name this exception
      assert.ok(entry.deletes, `${_id} is named, and nobody touched it`);
      assertHolds(now, _id, [null]);
      return;
    }
    if (last === undefined) {
      assert.ok(!isNamed, `${_id} is named, and nobody touched it`);
      assertHolds(now, _id, [state === "committed" ? holdsIntended : found]);
      return;
    }
    // a live node knows what the engine rejected, and is not concerned by what came after its
    // decision
    const wasDecidedAlive = Number(journal.decidedAt) <= this.diedAt;
    const mayBeBack =
      isDeletedByBoth(entry, last) && (!wasDecidedAlive || since.length > 1);
    assertHolds(now, _id, [
      last.text,
      ...(state === "committed" && found === null ? [holdsIntended] : []),
      ...(state !== "committed" && mayBeBack ? [found] : []),
    ]);
    // the only write, and not the batch's: the batch never wrote it
    const isOnlyWrite =
      entry.versionBefore !== undefined &&
      now.get(_id)?.version === entry.versionBefore + 1;
    // deleting a document that did not exist changes nothing
    const isAsBefore = last.text === null && entry.before === null;
    const isBack = mayBeBack && now.get(_id)?.text === found;
    assert.ok(
      state !== "rolled_back" ||
        isAsBefore ||
        isBack ||
        isOnlyWrite ||
        wasDecidedAlive,
      `${_id} was changed by somebody else, and the batch is ${state}`,
    );
    assert.ok(!isNamed || !isAsBefore, `${_id} is named, and is as it was`);
  }

  /** What the batch found, or would have found. */
  private foundBefore(id: string, seqNo: number | undefined): string | null {
    const last = findLast(
      this.foreign,
      (write) =>
        write.id === id && (seqNo === undefined || write.seqNo <= seqNo),
    );
    return last === undefined ? (this.before.get(id)?.text ?? null) : last.text;
  }

  private foreignSince(id: string, seqNo: number | undefined): ForeignWrite[] {
    return this.foreign.filter(
      (write) => write.id === id && write.seqNo > (seqNo ?? -1),
    );
  }
}

function aliasOf({ collection }: Target): string {
  return encodeURIComponent(`@&${INDEX}.${collection}`);
}

/** Nothing tells who deleted it: the guarantees name this exception. */
function isDeletedByBoth(entry: JournalEntry, last: ForeignWrite): boolean {
  return entry.deletes === true && last.text === null;
}

/** @param allowed texts, null for no document, or a predicate on the text */
function assertHolds(
  now: Texts,
  id: string,
  allowed: ReadonlyArray<string | null | ((text: string | null) => boolean)>,
): void {
  const text = now.get(id)?.text ?? null;
  assert.ok(
    allowed.some((each) =>
      typeof each === "function" ? each(text) : each === text,
    ),
    `${id} holds ${text}; allowed: ${allowed.map((each) => (typeof each === "function" ? "what the batch was to write" : each)).join(" or ")}`,
  );
}
