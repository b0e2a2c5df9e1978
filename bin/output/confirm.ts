import { ask } from "./ask";

/** Asks on the terminal; true if there is no terminal. */
export async function confirm(prompt: string): Promise<boolean> {
  const answer = await ask(`${prompt} [y/N] `, true);
  return answer === undefined || /^y(es)?$/i.test(answer.trim());
}
