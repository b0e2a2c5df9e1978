import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { STACK } from "./paths";
import { hold } from "./resources";

/**
 * Writes a file to .stack/ with the addresses of what is running; it is removed when it
 * stops.
 */
export function publish(name: string, content: object): void {
  const file = path.join(STACK, name);
  mkdirSync(STACK, { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  hold({ remove: file }, () => rmSync(file, { force: true }));
}

/** What another process has published; undefined if nothing. */
export function published(name: string): unknown {
  try {
    return JSON.parse(readFileSync(path.join(STACK, name), "utf8"));
  } catch {
    return undefined;
  }
}
