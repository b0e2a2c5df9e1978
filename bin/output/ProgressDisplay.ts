import type { SingleBar } from "cli-progress";

import type { Terminal } from "./Terminal";

/** How often plain output prints a line at first; later it is once a minute. */
const LINE_EVERY_MS = 10_000;
const LATER_MS = 60_000;

/** A bar on a terminal, occasional lines elsewhere. */
export class ProgressDisplay {
  private bar: SingleBar | undefined;
  private total: () => number = () => 0;
  private text: () => string = () => "";
  private value: () => number = () => 0;
  private begunAt = 0;
  private lineAt = 0;
  private isRunning = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = Date.now,
  ) {}

  /** Loads the library that draws the bar, if it is shown. */
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

  /** @param value how much of the total is done */
  begin(total: () => number, value: () => number, text: () => string): void {
    this.total = total;
    this.value = value;
    this.text = text;
    this.begunAt = this.lineAt = this.now();
    this.isRunning = true;
    const { bar } = this;
    bar?.start(total(), 0, { text: "" });
    this.terminal.setBar(
      bar && { stop: () => bar.stop(), draw: () => this.draw() },
    );
  }

  /** Call when there is something new to show. */
  tick(): void {
    if (this.bar) this.draw();
    else if (this.isLineDue()) {
      this.lineAt = this.now();
      this.terminal.line(this.text());
    }
  }

  /** How long it has been running, in seconds, never 0. */
  get seconds(): number {
    return Math.max(this.now() - this.begunAt, 1) / 1000;
  }

  /** Stops the bar and leaves it on the terminal. */
  stop(): void {
    if (this.bar && this.isRunning) {
      this.draw();
      this.bar.stop();
    }
    this.isRunning = false;
    this.terminal.setBar(undefined);
  }

  private draw(): void {
    this.bar?.setTotal(this.total());
    this.bar?.update(this.value(), { text: this.text() });
  }

  private isLineDue(): boolean {
    const isEarly = this.lineAt - this.begunAt < LATER_MS;
    return this.now() - this.lineAt >= (isEarly ? LINE_EVERY_MS : LATER_MS);
  }
}
