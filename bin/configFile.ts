import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { type Command, CommanderError } from "commander";

import { UsageError } from "./usage";

const NAME = ".kuzzle-batchrc";

/**
 * Applies options by their long names from `.kuzzle-batchrc` in the current folder or
 * else in the home folder: `{ "host": "https://kuzzle.example.com", "username": "ada"
 * }`. The command line and the environment take precedence. Options that a command does
 * not have are ignored, because all commands share the file.
 *
 * @throws UsageError for a file that is not such an object
 */
export function applyConfigFile(
  command: Command,
  folders: readonly string[] = [process.cwd(), os.homedir()],
): void {
  const file = folders
    .map((folder) => path.join(folder, NAME))
    .find((each) => existsSync(each));
  if (file === undefined) return;
  for (const [name, value] of Object.entries(read(file))) {
    const option = command.options.find(({ long }) => long === `--${name}`);
    const key = option?.attributeName();
    if (option === undefined || key === undefined) continue;
    const source = command.getOptionValueSource(key);
    if (source !== undefined && source !== "default") continue;
    try {
      const parsed: unknown = option.parseArg
        ? option.parseArg(String(value), undefined)
        : value;
      command.setOptionValueWithSource(key, parsed, "config");
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      throw new UsageError(`${file}: ${name} is invalid. ${error.message}`);
    }
  }
}

function read(file: string): Record<string, string | number | boolean> {
  try {
    const options: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof options !== "object" || options === null) {
      throw new Error("it is not an object");
    }
    for (const [name, value] of Object.entries(options)) {
      if (/^(password|api-key)$/.test(name)) {
        throw new Error(`${name} is not allowed in it: use ${name}-file`);
      }
      if (typeof value === "object")
        throw new Error(`${name} is not an option`);
    }
    return options as Record<string, string | number | boolean>;
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
