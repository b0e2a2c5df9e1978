import { ProgressDisplay } from "./ProgressDisplay";
import type { Terminal } from "./Terminal";
import { duration, number } from "./words";

/** Shows how many documents of the total are done. */
export class CountProgress {
  private readonly display: ProgressDisplay;
  private total = 0;
  private done = 0;
  private from = 0;

  /** @param verb what is done to documents: "exported" */
  constructor(
    terminal: Terminal,
    private readonly verb: string,
    now: () => number = Date.now,
  ) {
    this.display = new ProgressDisplay(terminal, now);
  }

  prepare(): Promise<void> {
    return this.display.prepare();
  }

  /** The search starts. */
  begin(): void {
    this.display.begin(
      () => this.total,
      () => this.done,
      () => this.text(),
    );
  }

  found(total: number): void {
    this.total = total;
    this.display.tick();
  }

  /** @param done how many an earlier run has done */
  resume(total: number, done: number): void {
    this.total = total;
    this.from = this.done = done;
  }

  update(done: number): void {
    this.done = done;
    this.display.tick();
  }

  stop(): void {
    this.display.stop();
  }

  /** "in 2 min 3 s (1,400/s)": the rate of this run. */
  pace(): string {
    return `in ${duration(this.display.seconds)} (${number(this.rate())}/s)`;
  }

  private rate(): number {
    return (this.done - this.from) / this.display.seconds;
  }

  private text(): string {
    const { total, done } = this;
    if (done === 0) return `${number(total)} found`;
    const rate = this.rate();
    const share = total === 0 ? 100 : Math.floor((done / total) * 100);
    const left =
      rate > 0 && done < total
        ? [`${duration((total - done) / rate)} left`]
        : [];
    return [
      `${share} %`,
      `${number(done)} of ${number(total)} ${this.verb}`,
      `${number(rate)}/s`,
      ...left,
    ].join(" | ");
  }
}
