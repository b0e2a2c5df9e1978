import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { Interrupted } from "../usage";

/**
 * Asks on the terminal.
 *
 * @param isShown whether to echo what is typed
 * @returns undefined if there is no terminal
 * @throws Interrupted at Ctrl-C and Ctrl-D, which the terminal passes on as keys
 */
export async function ask(
  prompt: string,
  isShown: boolean,
): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  const terminal = createInterface({
    ...{ input: stdin, terminal: true },
    output: isShown ? stderr : nowhere(),
  });
  try {
    return await new Promise((resolve, reject) => {
      terminal.once("close", () => reject(new Interrupted()));
      terminal.question(prompt).then(resolve, reject);
      if (!isShown) stderr.write(prompt);
    });
  } finally {
    terminal.close();
    if (!isShown) stderr.write("\n");
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
