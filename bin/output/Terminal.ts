/** Where the command writes: what people read goes to standard error. */
export class Terminal {
  private bar: { stop(): void; draw(): void } | undefined;
  private readonly secrets: string[] = [];

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Never shows a secret, wherever it comes up. */
  hide(secret: string): void {
    this.secrets.push(secret);
  }

  get isTty(): boolean {
    return this.stream.isTTY;
  }

  get out(): NodeJS.WriteStream {
    return this.stream;
  }

  /** A line of its own, above the progress bar where there is one. */
  line(text: string): void {
    const shown = redact(text, this.secrets);
    if (this.isTty && this.bar) this.stream.write("\r\x1b[2K");
    this.stream.write(`${shown}\n`);
    if (this.isTty) this.bar?.draw();
  }

  /**
   * What a command has come to: in words, or for scripts as JSON on standard output,
   * or where documents go there on standard error.
   */
  summary(
    text: string,
    json: object | false | undefined,
    isStdoutTaken = false,
  ): void {
    if (!json) this.line(text);
    else {
      const out = isStdoutTaken ? this.stream : process.stdout;
      out.write(`${JSON.stringify(json)}\n`);
    }
  }

  /** A forgotten file name would otherwise look like a hang. */
  noteTyping(): void {
    if (process.stdin.isTTY) {
      this.line(
        "Reading from the terminal: Ctrl-D ends the input, Ctrl-C stops.",
      );
    }
  }

  setBar(bar: { stop(): void; draw(): void } | undefined): void {
    this.bar = bar;
  }
}

/** Without the secrets, as they are and as they stand in JSON and in a URL. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
    ])
    .filter((secret) => secret !== "")
    .reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

/** A control character in a row must not steer the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
