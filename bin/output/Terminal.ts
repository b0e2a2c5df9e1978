/** Where the command writes: what people read goes to standard error. */
export class Terminal {
  private bar: { stop(): void; draw(): void } | undefined;
  private apiKey: string | undefined;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Never shows the key, wherever it comes up. */
  hide(apiKey: string): void {
    this.apiKey = apiKey;
  }

  get isTty(): boolean {
    return this.stream.isTTY;
  }

  get out(): NodeJS.WriteStream {
    return this.stream;
  }

  /** A line of its own, above the progress bar where there is one. */
  line(text: string): void {
    const shown = redact(text, this.apiKey);
    if (this.isTty && this.bar) this.stream.write("\r\x1b[2K");
    this.stream.write(`${shown}\n`);
    if (this.isTty) this.bar?.draw();
  }

  /**
   * The result of a command: in words, or for scripts as JSON on standard output,
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

/**
 * Without credentials, where they stand as such: in the address of a URL, as a token,
 * and the API key itself. Words of a message stay, also where somebody has them for a
 * password: neither Kuzzle nor this command repeats it.
 */
export function redact(text: string, apiKey?: string): string {
  const shown = text
    .replace(/(\/\/)[^\s/?#@]*(?=@)/g, "$1***")
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***");
  if (apiKey === undefined || apiKey.length < MIN_KEY_LENGTH) return shown;
  return shown
    .replaceAll(apiKey, "***")
    .replaceAll(encodeURIComponent(apiKey), "***");
}

/** Kuzzle's keys are longer; shorter ones it has not made, and may be words. */
const MIN_KEY_LENGTH = 20;

/** A control character in a row must not steer the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
