import { type DocumentRow, membersOf, type Reject } from "../input/rows";
import type { Counts } from "../load/Checkpoint";
import type { LoadReport, LoadResult, Progress } from "../load/job";
import { ProgressDisplay } from "./ProgressDisplay";
import { oneLine, type Terminal } from "./Terminal";
import { duration, number } from "./words";

/** How many rejected rows are shown; all are in the rejects file. */
const SHOWN_REJECTS = 10;
const SHOWN_DOCUMENTS = 3;

/** Shows the progress of an import: a bar on a terminal, occasional lines elsewhere. */
export class LoadProgress implements LoadReport {
  private input: Progress | undefined;
  private from: Counts = { done: 0, rejected: 0 };
  private fromOffset = 0;
  private counts: Counts = this.from;
  private offset = 0;
  private isAll = false;
  private shownRejects = 0;
  private shownDocuments = 0;
  private readonly display: ProgressDisplay;

  /** @param verb what is done to documents: "written" */
  constructor(
    private readonly terminal: Terminal,
    private readonly verb: string,
    now: () => number = Date.now,
  ) {
    this.display = new ProgressDisplay(terminal, now);
  }

  prepare(): Promise<void> {
    return this.display.prepare();
  }

  onBegin(input: Progress, from: Counts, fromOffset: number): void {
    this.input = input;
    this.from = this.counts = from;
    this.fromOffset = this.offset = fromOffset;
    const total = input.totalBytes ?? 0;
    this.display.begin(
      () => total,
      () => total * (this.shareOf(this.offset) ?? 0),
      () => this.text(),
    );
    if (from.done + from.rejected > 0) {
      this.onNote(`Resumed after ${this.inWords(from)}.`);
    }
  }

  onProgress(counts: Counts, offset: number): void {
    this.counts = counts;
    this.offset = offset;
    this.display.tick();
  }

  onRejected({ line, code, reason }: Reject): void {
    this.shownRejects += 1;
    if (this.shownRejects <= SHOWN_REJECTS) {
      this.terminal.line(`line ${line}: ${code}: ${oneLine(reason)}`);
    } else if (this.shownRejects === SHOWN_REJECTS + 1) {
      this.terminal.line("… and more: use --rejects FILE to keep them all.");
    }
  }

  /** Shows the first documents of a dry run as they would be sent. */
  onDocuments(documents: readonly DocumentRow[]): void {
    for (const { wire } of documents.slice(
      0,
      SHOWN_DOCUMENTS - this.shownDocuments,
    )) {
      this.shownDocuments += 1;
      this.terminal.line(`document: ${oneLine(`{${membersOf(wire)}}`)}`);
    }
  }

  onNote(text: string): void {
    this.terminal.line(text);
  }

  /**
   * Returns the summary: what was done and how long it took, with the rate of this run.
   */
  finish({ counts, end }: LoadResult): string {
    this.counts = counts;
    this.isAll = end === "all";
    this.stop();
    const { seconds, rate } = this.pace();
    const { done, rejected } = this.from;
    const own =
      done + rejected === 0
        ? ""
        : `, ${number(counts.done - done)} of them by this run`;
    return `${this.inWords(counts)}${own} in ${duration(seconds)} (${number(rate)}/s)`;
  }

  /** Stops the bar and leaves it on the terminal. */
  stop(): void {
    this.display.stop();
  }

  private text(): string {
    const { seconds, rate } = this.pace();
    const parts = [this.inWords(this.counts), `${number(rate)}/s`];
    const share = this.shareOf(this.offset);
    if (share !== undefined) {
      parts.unshift(`${Math.floor(share * 100)} %`);
      const own = share - (this.shareOf(this.fromOffset) ?? 0);
      const left = (seconds * (1 - share)) / own;
      if (own > 0 && share < 1) parts.push(`${duration(left)} left`);
    }
    return parts.join(" | ");
  }

  /**
   * How much of the input lies before an offset, from 0 to 1; undefined if the size of
   * the input is unknown. For compressed input, it is estimated from what has been
   * read.
   */
  private shareOf(offset: number): number | undefined {
    const {
      totalBytes = 0,
      readBytes = 0,
      unpackedBytes = 0,
    } = this.input ?? {};
    if (totalBytes === 0) return undefined;
    if (this.isAll) return 1;
    const ofRead = unpackedBytes === 0 ? 0 : offset / unpackedBytes;
    return (readBytes / totalBytes) * Math.min(1, ofRead);
  }

  private pace(): { seconds: number; rate: number } {
    const { seconds } = this.display;
    const done = this.counts.done - this.from.done;
    return { seconds, rate: done / seconds };
  }

  private inWords({ done, rejected }: Counts): string {
    return `${number(done)} ${this.verb}, ${number(rejected)} rejected`;
  }
}
