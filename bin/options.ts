import { type Command, InvalidArgumentError, Option } from "commander";

import type { ConnectionOptions } from "./connection/connection";
import { type CellType } from "./input/CsvRows";
import { UsageError } from "./usage";

/** What commander has read of the options that all commands have. */
export interface ConnectionFlags {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly protocol: "http" | "websocket";
  readonly strategy: string;
  readonly username?: string;
  readonly password?: string;
  readonly apiKey?: string;
  readonly timeout: number;
}

/** Host, protocol, login: by flag, or by environment. */
export function withConnection(command: Command): Command {
  return command
    .addOption(
      new Option("--host <host>", "the server's name or address")
        .env("KUZZLE_HOST")
        .default("localhost"),
    )
    .addOption(
      new Option("--port <port>", "its port")
        .env("KUZZLE_PORT")
        .default(7512)
        .argParser(wholeNumber(1, 65_535)),
    )
    .addOption(new Option("--ssl", "TLS: https, wss").default(false))
    .addOption(
      new Option("--protocol <protocol>", "how to talk to it")
        .env("KUZZLE_PROTOCOL")
        .choices(["http", "websocket"])
        .default("http"),
    )
    .addOption(
      new Option("--username <name>", "whom to log in").env("KUZZLE_USERNAME"),
    )
    .addOption(
      new Option(
        "--password <password>",
        "better in the environment: other users of this machine see the command line",
      ).env("KUZZLE_PASSWORD"),
    )
    .addOption(
      new Option("--strategy <name>", "the strategy to log in by").default(
        "local",
      ),
    )
    .addOption(
      new Option("--api-key <key>", "instead of a login").env("KUZZLE_API_KEY"),
    )
    .addOption(
      new Option(
        "--timeout <seconds>",
        "how long to wait for an answer before the connection counts as lost",
      )
        .default(120)
        .argParser(wholeNumber(1, 3_600)),
    );
}

/** @throws UsageError for a login of which a half is missing */
export function connectionOptions(flags: ConnectionFlags): ConnectionOptions {
  const { username, password, apiKey, strategy, timeout } = flags;
  const { host, port, ssl, protocol } = flags;
  if (username !== undefined && password === undefined) {
    throw new UsageError(
      "--username needs a password: set KUZZLE_PASSWORD, or say --password.",
    );
  }
  if (username === undefined && password !== undefined) {
    throw new UsageError("There is a password, but no --username.");
  }
  if (username !== undefined && apiKey !== undefined) {
    throw new UsageError("Either an API key or a login, not both.");
  }
  if (/[/:@?#\s]/.test(host) && !/^[\da-f:.]+$/i.test(host)) {
    throw new UsageError(
      `--host is a name or an address, without protocol and port, not ${host.replace(/^.*@/, "…@")}`,
    );
  }
  return {
    ...{ host, port, ssl, protocol, apiKey },
    credentials:
      username !== undefined && password !== undefined
        ? { strategy, username, password }
        : undefined,
    timeoutMs: timeout * 1000,
  };
}

/** What must not be shown. */
export function secretsOf({ password, apiKey }: ConnectionFlags): string[] {
  return [password, apiKey].filter((each) => each !== undefined);
}

export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      `It has to be a whole number from ${min} to ${max}.`,
    );
  };
}

const TYPES: readonly CellType[] = ["string", "number", "boolean", "json"];

/** `population:number,flags:json` */
export function columnTypes(text: string): ReadonlyMap<string, CellType> {
  const types = new Map<string, CellType>();
  for (const pair of text.split(",")) {
    const colon = pair.lastIndexOf(":");
    const type = TYPES.find((each) => each === pair.slice(colon + 1));
    if (colon < 1 || type === undefined) {
      throw new InvalidArgumentError(
        `It has to be column:type, … with a type of ${TYPES.join(", ")}.`,
      );
    }
    types.set(pair.slice(0, colon), type);
  }
  return types;
}

export function delimiter(text: string): string {
  const character = text === "tab" || text === "\\t" ? "\t" : text;
  if (/^[\x20-\x7e\t]$/.test(character) && character !== '"') return character;
  throw new InvalidArgumentError("It has to be one character, or tab.");
}
