import { readFileSync } from "node:fs";

import type { Secrets } from "./connection/connection";
import type { ConnectionFlags } from "./options";
import { promptPassword } from "./output/promptPassword";
import { UsageError } from "./usage";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the password or API key: from a file, the environment, or a prompt.
 *
 * @throws UsageError for a login with only a user or only a password
 */
export async function readSecrets(
  { username, passwordFile, apiKeyFile }: ConnectionFlags,
  environment: Environment = process.env,
  prompt = promptPassword,
): Promise<Secrets> {
  const apiKey = secretOf(apiKeyFile, environment.KUZZLE_API_KEY);
  const password = secretOf(passwordFile, environment.KUZZLE_PASSWORD);
  if (apiKey !== undefined) {
    if (username !== undefined) {
      throw new UsageError("Use either an API key or a login, not both.");
    }
    assertHeader(apiKey);
    return { apiKey };
  }
  if (username === undefined) {
    if (password === undefined) return {};
    throw new UsageError("There is a password, but no --username.");
  }
  const known = password ?? (await prompt(`Password of ${username}: `));
  if (known === undefined) {
    throw new UsageError(
      "--username needs a password: set KUZZLE_PASSWORD, or use --password-file.",
    );
  }
  return { login: { username, password: known } };
}

function secretOf(
  file: string | undefined,
  value: string | undefined,
): string | undefined {
  if (file === undefined) return value;
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** The key is sent in a header. The message does not show it. */
function assertHeader(apiKey: string): void {
  const invalid = /[^\x21-\x7e]/.exec(apiKey);
  if (apiKey !== "" && invalid === null) return;
  throw new UsageError(
    invalid === null
      ? "The API key is empty."
      : `The API key has an invalid character (code ${invalid[0].charCodeAt(0)}) at position ${invalid.index + 1} of ${apiKey.length}.`,
  );
}
