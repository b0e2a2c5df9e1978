import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on the terminal, without showing what is typed; undefined where there is none. */
export async function promptPassword(
  question: string,
): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({
    ...{ input: stdin, output: silent, terminal: true },
  });
  stderr.write(question);
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    stderr.write("\n");
  }
}
