/** The command's output: text for people goes to standard error. */
export class Terminal {
  private bar: { stop(): void; draw(): void } | undefined;
  private apiKey: string | undefined;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Hides the key wherever it appears. */
  hide(apiKey: string): void {
    this.apiKey = apiKey;
  }

  get isTty(): boolean {
    return this.stream.isTTY;
  }

  get out(): NodeJS.WriteStream {
    return this.stream;
  }

  /** Prints a line, above the progress bar if there is one. */
  line(text: string): void {
    const shown = redact(text, this.apiKey);
    if (this.isTty && this.bar) this.stream.write("\r\x1b[2K");
    this.stream.write(`${shown}\n`);
    if (this.isTty) this.bar?.draw();
  }

  /**
   * Prints the result of a command: in words, or as JSON for scripts, which goes to
   * standard output, or to standard error if the documents go to standard output.
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

  /** Without a hint, a forgotten file name would look like a hang. */
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
 * Removes recognizable credentials: in a URL, as a token, and the API key itself. Words
 * of a message stay, even if someone uses them as a password: neither Kuzzle nor this
 * command repeats passwords.
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

/** Kuzzle's keys are longer; a shorter one is not Kuzzle's, and may be a word. */
const MIN_KEY_LENGTH = 20;

/** A control character in a row must not control the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
