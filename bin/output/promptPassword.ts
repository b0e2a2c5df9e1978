import { ask } from "./ask";

/** Asks on the terminal, without showing what is typed; undefined where there is none. */
export function promptPassword(prompt: string): Promise<string | undefined> {
  return ask(prompt, false);
}
