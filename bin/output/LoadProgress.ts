import type { SingleBar } from "cli-progress";

import { type DocumentRow, membersOf, type Reject } from "../input/rows";
import type { Counts } from "../load/Checkpoint";
import type { LoadReport, Progress } from "../load/job";
import type { Terminal } from "./Terminal";
import { duration, number } from "./words";

/** Plain output has a line so often, and once a minute later on. */
const LINE_EVERY_MS = 10_000;
const LATER_MS = 60_000;
/** So many rejected rows are shown; all are in the rejects file. */
const SHOWN_REJECTS = 10;
const SHOWN_DOCUMENTS = 3;

/** Shows the progress of an import: a bar on a terminal, now and then a line elsewhere. */
export class LoadProgress implements LoadReport {
  private input: Progress | undefined;
  private from: Counts = { done: 0, rejected: 0 };
  private counts: Counts = this.from;
  private begunAt = 0;
  private lineAt = 0;
  private shownRejects = 0;
  private shownDocuments = 0;
  private bar: SingleBar | undefined;

  /** @param verb what is done to documents: "written" */
  constructor(
    private readonly terminal: Terminal,
    private readonly verb: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Loads what draws the bar, where there is to be one. */
  async prepare(): Promise<void> {
    if (!this.terminal.isTty) return;
    const { default: cliProgress } = await import("cli-progress");
    this.bar = new cliProgress.SingleBar({
      stream: this.terminal.out,
      format: "{bar} {text}",
      barsize: 20,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: false,
      fps: 5,
    });
  }

  onBegin(input: Progress, from: Counts): void {
    this.input = input;
    this.from = from;
    this.counts = from;
    this.begunAt = this.now();
    this.lineAt = this.begunAt;
    const { bar } = this;
    bar?.start(input.totalBytes ?? 0, 0, { text: "" });
    this.terminal.setBar(
      bar && { stop: () => bar.stop(), draw: () => this.draw() },
    );
    if (from.done + from.rejected > 0) {
      this.onNote(`Resumed after ${this.inWords(from)}.`);
    }
  }

  onProgress(counts: Counts): void {
    this.counts = counts;
    if (this.bar) this.draw();
    else if (this.isLineDue()) {
      this.lineAt = this.now();
      this.terminal.line(this.text());
    }
  }

  private isLineDue(): boolean {
    const isEarly = this.lineAt - this.begunAt < LATER_MS;
    return this.now() - this.lineAt >= (isEarly ? LINE_EVERY_MS : LATER_MS);
  }

  onRejected({ line, code, reason }: Reject): void {
    this.shownRejects += 1;
    if (this.shownRejects <= SHOWN_REJECTS) {
      this.terminal.line(`line ${line}: ${code}: ${oneLine(reason)}`);
    } else if (this.shownRejects === SHOWN_REJECTS + 1) {
      this.terminal.line("… and more: use --rejects FILE to keep them all.");
    }
  }

  /** The first documents of a dry run, as they would be sent. */
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

  /** The summary: what was done, in how long; the rate is that of this run. */
  finish(counts: Counts): string {
    this.counts = counts;
    this.stop();
    const { seconds, rate } = this.pace();
    const { done, rejected } = this.from;
    const own =
      done + rejected === 0
        ? ""
        : `, ${number(counts.done - done)} of them by this run`;
    return `${this.inWords(counts)}${own} in ${duration(seconds)} (${number(rate)}/s)`;
  }

  /** Takes the bar off the terminal's hands, as it stands. */
  stop(): void {
    if (this.bar && this.input) {
      this.draw();
      this.bar.stop();
    }
    this.terminal.setBar(undefined);
  }

  private draw(): void {
    const { totalBytes, readBytes = 0 } = this.input ?? {};
    this.bar?.update(totalBytes === undefined ? 0 : readBytes, {
      text: this.text(),
    });
  }

  private text(): string {
    const { totalBytes, readBytes = 0 } = this.input ?? {};
    const { seconds, rate } = this.pace();
    const parts = [this.inWords(this.counts), `${number(rate)}/s`];
    if (totalBytes !== undefined && totalBytes > 0 && readBytes > 0) {
      const share = readBytes / totalBytes;
      const left = (seconds * (1 - share)) / share;
      parts.unshift(`${Math.floor(share * 100)} %`);
      parts.push(`${duration(left)} left`);
    }
    return parts.join(" | ");
  }

  private pace(): { seconds: number; rate: number } {
    const seconds = Math.max(this.now() - this.begunAt, 1) / 1000;
    const done = this.counts.done - this.from.done;
    return { seconds, rate: done / seconds };
  }

  private inWords({ done, rejected }: Counts): string {
    return `${number(done)} ${this.verb}, ${number(rejected)} rejected`;
  }
}

/** A control character in a row must not steer the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
