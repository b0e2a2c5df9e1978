import type { Period, ReadEvent, Violation, WriteEvent } from "./events";

/** The initial state: the document does not exist. */
const NOTHING: Pick<WriteEvent, "value" | "from"> = {
  value: undefined,
  from: -Infinity,
};

type Replacement = typeof NOTHING | WriteEvent;

/** The events of one document: a register of replacements, and a set of updates. */
export class DocumentHistory {
  private readonly replacements: readonly WriteEvent[];
  /** with the time from which a replacement may have removed them */
  private readonly updates: ReadonlyArray<readonly [WriteEvent, number]>;
  /** of replacements that were not rolled back: by when they were surely done */
  private readonly doneBy: ReadonlyMap<Replacement, number>;

  constructor(
    private readonly _id: string,
    private readonly writes: readonly WriteEvent[],
    private readonly reads: readonly ReadEvent[],
    private readonly failovers: readonly Period[],
  ) {
    this.replacements = writes.filter(({ kind }) => kind === "replace");
    this.doneBy = new Map([
      [NOTHING, -Infinity],
      ...this.replacements.flatMap((write): Array<[WriteEvent, number]> => {
        const doneBy = this.whenDone(write);
        return doneBy === undefined ? [] : [[write, doneBy]];
      }),
    ]);
    this.updates = writes
      .filter(({ kind }) => kind === "update")
      .map((update) => [update, this.whenReplaced(update)]);
  }

  violations(): Violation[] {
    return this.reads.flatMap((read) => [
      ...this.violationsOfValue(read),
      ...this.violationsOfUpdates(read),
      ...this.violationsOfVersion(read),
    ]);
  }

  /** @returns undefined if that cannot be determined */
  isThereInTheEnd(write: WriteEvent): boolean | undefined {
    const read = this.reads.find(({ isFinal }) => isFinal);
    if (read === undefined) {
      return undefined;
    }
    const seen = this.candidates(read);
    if (seen.includes(write)) {
      return seen.length === 1 ? true : undefined;
    }
    // what is stored was done before the write began, so it was not replaced since
    return seen.every((each) => this.isDoneBy(each, write.from))
      ? false
      : undefined;
  }

  /**
   * An atomic batch with an unknown outcome may be rolled back after it was read. So may
   * a write in a failover: the primary shows it before the replica has it, and the replica
   * takes over.
   *
   * Source: "Dirty reads" in Elasticsearch's documentation on reading and writing documents.
   */
  private whenDone(write: WriteEvent): number | undefined {
    if (write.outcome === "refused") {
      return undefined;
    }
    const isAcknowledged = write.outcome === "acknowledged";
    const seenBy =
      write.value === undefined ||
      (write.batch !== undefined && !isAcknowledged) ||
      this.meetsFailover(write)
        ? []
        : this.reads
            .filter(({ value }) => value === write.value)
            .map(({ to }) => to);
    const doneBy = Math.min(isAcknowledged ? write.to : Infinity, ...seenBy);
    return doneBy === Infinity ? undefined : doneBy;
  }

  private whenReplaced(update: WriteEvent): number {
    const later = this.replacements.filter(
      (write) => !this.isDoneBy(write, update.from),
    );
    return Math.min(...later.map(({ from }) => from));
  }

  private isDoneBy(write: Replacement, time: number): boolean {
    return (this.doneBy.get(write) ?? Infinity) <= time;
  }

  /** The replacements whose value it may be. */
  private candidates(read: ReadEvent): Replacement[] {
    return [NOTHING, ...this.replacements].filter(
      (write) =>
        write.value === read.value &&
        write.from <= read.to &&
        !isRefused(write, read),
    );
  }

  private violationsOfValue(read: ReadEvent): Violation[] {
    const { value = "nothing" } = read;
    const candidates = this.candidates(read);
    if (candidates.length === 0) {
      const refused = this.replacements.find(
        (write) => write.value === read.value && isRefused(write, read),
      );
      return [this.violation(refused ? "untrue" : "invented", value, refused)];
    }
    const newer = candidates.map((write) => this.newerThan(write, read));
    if (newer.some((write) => write === undefined)) {
      return [];
    }
    const write = newer[0] as WriteEvent;
    const details = `${value} instead of ${write.value ?? "nothing"}`;
    return [this.missing(write, read, details)];
  }

  /** A replacement that began when the other was done, and was done when the read began. */
  private newerThan(
    write: Replacement,
    read: ReadEvent,
  ): WriteEvent | undefined {
    return this.replacements.find(
      (each) =>
        this.isDoneBy(write, each.from) && this.isDoneBy(each, read.from),
    );
  }

  private violationsOfUpdates(read: ReadEvent): Violation[] {
    return this.updates.flatMap(([update, replacedFrom]) => {
      const value = update.value ?? "";
      if (read.updates.includes(value)) {
        if (isRefused(update, read)) {
          return [this.violation("untrue", value, update)];
        }
        return update.from > read.to ? [this.violation("invented", value)] : [];
      }
      const isMissing =
        update.outcome === "acknowledged" &&
        update.to <= read.from &&
        replacedFrom > read.to;
      return isMissing ? [this.missing(update, read, value)] : [];
    });
  }

  /**
   * Each write increments it by one, or by two in a failover; so does each rollback, and a
   * deletion may reset it.
   */
  private violationsOfVersion(read: ReadEvent): Violation[] {
    const { version, isFinal } = read;
    const counts = this.writes.every(
      ({ batch, value }) => batch === undefined && value !== undefined,
    );
    if (version === undefined || isFinal === undefined || !counts) {
      return [];
    }
    const least = this.writes.filter(
      ({ outcome }) => outcome === "acknowledged",
    ).length;
    const written = this.writes.filter(({ outcome }) => outcome !== "refused");
    const repeated = written.filter((write) => this.meetsFailover(write));
    const most = written.length + repeated.length;
    return version < least || version > most
      ? [this.violation("miscounted", `${version}, of ${least} to ${most}`)]
      : [];
  }

  private meetsFailover(write: WriteEvent): boolean {
    return this.failovers.some(
      ({ from, to }) => write.from <= to && write.to >= from,
    );
  }

  /** At the end it is lost; before that, only the read may be wrong. */
  private missing(
    write: WriteEvent,
    { isFinal }: ReadEvent,
    details: string,
  ): Violation {
    return isFinal
      ? this.violation("lost", details, write)
      : this.violation("stale", details);
  }

  /** @param write the write concerned, if any */
  private violation(
    kind: Violation["kind"],
    details: string,
    { action = "batchGet" }: Partial<WriteEvent> = {},
  ): Violation {
    return { kind, _id: this._id, action, details };
  }
}

/** What is rolled back may have been read before that. */
function isRefused(write: Partial<WriteEvent>, read: ReadEvent): boolean {
  const { outcome, batch, to = Infinity } = write;
  return outcome === "refused" && (batch === undefined || to <= read.from);
}
