/** One atomic batch whose node dies, and what has to be true of it afterwards. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { findLast } from "lodash";

import { storedTexts, type StoredText } from "../../../features/support/bytes";
import type { Journal } from "../../../lib/core/ports/JournalStore";
import { journalWith, writeForeign } from "./engine";
import type { Step } from "./plan";

export const INDEX = "kill";
export const COLLECTION = "documents";
const ALIAS = encodeURIComponent(`@&${INDEX}.${COLLECTION}`);

/** Of them every second one is there before the batch. */
const DOCUMENTS = 40;
/** At most so many writes of somebody else; often there is none. */
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

export class Round {
  private readonly ids: string[];
  private before = new Map<string, StoredText | null>();
  private readonly foreign: ForeignWrite[] = [];
  /** milliseconds since the epoch */
  diedAt = 0;

  /** @param isAlone nobody else writes these documents */
  constructor(
    readonly number: number,
    readonly step: Step,
    readonly isAlone = false,
  ) {
    this.ids = Array.from(
      { length: DOCUMENTS },
      (_, i) => `r${number}-${String(i).padStart(2, "0")}`,
    );
  }

  /** An integer that does not survive parsing, and lines: to the byte, or not. */
  async prepare(): Promise<void> {
    for (const id of this.ids.filter((_, i) => i % 2 === 0)) {
      await writeForeign(
        ALIAS,
        id,
        `{ "was" : "${id}", "big":9007199254740993 }`,
      );
    }
    this.before = await storedTexts(ALIAS, this.ids);
  }

  /** The engine refuses the last one where the batch has to be rolled back. */
  get request(): { body: string; key: string } {
    const documents = this.ids.map((_id, i) => ({
      _id,
      body:
        this.step === "rollback" && i === this.ids.length - 1
          ? { day: "no day at all" }
          : this.intended(_id),
    }));
    return {
      body: JSON.stringify({ documents }),
      key: `round-${this.number}`,
    };
  }

  private intended(_id: string): object {
    return { is: _id, filler: "x".repeat(200) };
  }

  /** Somebody else, while the batch is under way: it may come before or after. */
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

  /** Somebody else, between the node's death and its batch's recovery. */
  disturbLate(): Promise<void> {
    return this.writeSome(FOREIGN_LATE);
  }

  private async writeSome(most: number): Promise<void> {
    const count = this.isAlone ? 0 : Math.ceil(Math.random() * most);
    for (let i = 0; i < count; i++) {
      const id = this.ids[
        Math.floor(Math.random() * this.ids.length)
      ] as string;
      const text =
        Math.random() < 0.25
          ? null
          : JSON.stringify({ foreign: `${id} ${Math.random()}` });
      const seqNo = await writeForeign(ALIAS, id, text);
      this.foreign.push({ id, text, seqNo });
    }
  }

  /** @throws when anything of the batch was written */
  async assertUntouched(): Promise<void> {
    const now = await storedTexts(ALIAS, this.ids);
    for (const id of this.ids) {
      this.assertHolds(now, id, [this.before.get(id)?.text ?? null]);
    }
  }

  /** @throws when anything is not as the contract says */
  async judge(): Promise<Verdict> {
    const now = await storedTexts(ALIAS, this.ids);
    const journal = await journalWith(this.ids[0] as string);
    if (journal === undefined) {
      for (const id of this.ids) {
        this.assertHolds(now, id, [this.foundBefore(id, undefined)]);
      }
      return "nothing begun";
    }
    const { state, modified } = journal;
    assert.ok(state !== "pending" && state !== "rolling_back");
    for (const id of this.ids) {
      this.judgeDocument(id, now, journal);
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
      state !== "rollback_incomplete" || this.foreign.length > 0,
      "nobody else has written, and the rollback is incomplete",
    );
    return state;
  }

  private judgeDocument(
    id: string,
    now: Map<string, StoredText | null>,
    journal: Journal,
  ): void {
    const { state, modified } = journal;
    const isNamed = modified.includes(`${COLLECTION}/${id}`);
    const entry = journal.entries.find(({ _id }) => _id === id);
    assert.ok(entry, `${id} is not in the journal`);
    const found = this.foundBefore(id, entry.before?.seqNo);
    const since = this.foreignSince(id, entry.before?.seqNo);
    const intended = JSON.stringify(this.intended(id));

    if (since !== undefined) {
      // a node that lives knows what the engine has refused, and what came
      // after its decision is not its concern
      const wasDecidedAlive = Number(journal.decidedAt) <= this.diedAt;
      // one write only, and not the batch's: it was never there
      const isOnlyWrite =
        entry.versionBefore !== undefined &&
        now.get(id)?.version === entry.versionBefore + 1;
      // a document that was deleted where there was none is as it was
      const isAsBefore = since.text === null && entry.before === null;
      this.assertHolds(
        now,
        id,
        state === "committed" && entry.before === null
          ? [since.text, intended]
          : [since.text],
      );
      assert.ok(
        state !== "rolled_back" || isAsBefore || isOnlyWrite || wasDecidedAlive,
        `${id} was changed by somebody else, and the batch is ${state}`,
      );
      assert.ok(!isNamed || !isAsBefore, `${id} is named, and is as it was`);
      return;
    }
    assert.ok(!isNamed, `${id} is named, and nobody touched it`);
    this.assertHolds(now, id, [state === "committed" ? intended : found]);
  }

  /** What the batch has found, or would have. */
  private foundBefore(id: string, seqNo: number | undefined): string | null {
    const last = findLast(
      this.foreign,
      (write) =>
        write.id === id && (seqNo === undefined || write.seqNo <= seqNo),
    );
    return last === undefined ? (this.before.get(id)?.text ?? null) : last.text;
  }

  private foreignSince(
    id: string,
    seqNo: number | undefined,
  ): ForeignWrite | undefined {
    return findLast(
      this.foreign,
      (write) => write.id === id && write.seqNo > (seqNo ?? -1),
    );
  }

  private assertHolds(
    now: Map<string, StoredText | null>,
    id: string,
    allowed: ReadonlyArray<string | null>,
  ): void {
    const text = now.get(id)?.text ?? null;
    assert.ok(
      allowed.includes(text),
      `${id} holds ${text}; allowed: ${allowed.join(" or ")}`,
    );
  }
}
