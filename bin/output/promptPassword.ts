import { ask } from "./ask";

/** Asks on the terminal without echo; undefined if there is no terminal. */
export function promptPassword(prompt: string): Promise<string | undefined> {
  return ask(prompt, false);
}
