import { type Command, InvalidArgumentError, Option } from "commander";

import type { ConnectionOptions, Secrets } from "./connection/connection";
import { CELL_TYPES, type CellType } from "./input/cells";
import { UsageError } from "./usage";

/** The options that all commands have, as commander parses them. */
export interface ConnectionFlags {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly protocol: "http" | "websocket";
  readonly strategy: string;
  readonly username?: string;
  /** a file, because every user of the machine can see the command line */
  readonly passwordFile?: string;
  readonly apiKeyFile?: string;
  readonly timeout: number;
  /** print the summary as JSON */
  readonly json?: boolean;
}

/** Adds the options for host, protocol and login, which the environment can set too. */
export function withConnection(command: Command): Command {
  return command
    .addOption(
      new Option("--host <host>", "name, address or URL of the server")
        .env("KUZZLE_HOST")
        .default("localhost"),
    )
    .addOption(
      new Option("--port <port>", "port of the server")
        .env("KUZZLE_PORT")
        .default(7512)
        .argParser(wholeNumber(1, 65_535)),
    )
    .addOption(new Option("--ssl", "use TLS: https, wss").default(false))
    .addOption(
      new Option("--protocol <protocol>", "protocol of the connection")
        .env("KUZZLE_PROTOCOL")
        .choices(["http", "websocket"])
        .default("http"),
    )
    .addOption(
      new Option("--username <name>", "user to log in as").env(
        "KUZZLE_USERNAME",
      ),
    )
    .addOption(
      new Option(
        "--password-file <file>",
        "file with the password; otherwise KUZZLE_PASSWORD or a prompt",
      ).env("KUZZLE_PASSWORD_FILE"),
    )
    .addOption(
      new Option("--strategy <name>", "authentication strategy").default(
        "local",
      ),
    )
    .addOption(
      new Option(
        "--api-key-file <file>",
        "file with an API key to use instead of a login; or KUZZLE_API_KEY",
      ).env("KUZZLE_API_KEY_FILE"),
    )
    .addOption(
      new Option(
        "--timeout <seconds>",
        "how long to wait for a response before considering the connection lost",
      )
        .default(120)
        .argParser(wholeNumber(1, 3_600)),
    );
}

/** @throws UsageError for an invalid address */
export function connectionOptions(
  flags: ConnectionFlags,
  { login, apiKey }: Secrets,
): ConnectionOptions {
  const { protocol, strategy, timeout } = flags;
  const address = addressOf(flags);
  if (protocol === "websocket" && address.path !== "") {
    throw new UsageError("A path in --host needs --protocol http.");
  }
  return {
    ...{ ...address, protocol, apiKey },
    credentials: login && { strategy, ...login },
    timeoutMs: timeout * 1000,
  };
}

type Address = Pick<ConnectionOptions, "host" | "port" | "ssl" | "path">;

/** `--host` is a name, an address, or a URL, which may have a port and a path. */
function addressOf({ host, port, ssl }: ConnectionFlags): Address {
  if (/^[\da-f:.]+$/i.test(host) || /^[^/:@?#\s]+$/.test(host)) {
    return { host, port, ssl, path: "" };
  }
  const url = URL.canParse(host) ? new URL(host) : undefined;
  const isWeb = /^(https?|wss?):$/.test(url?.protocol ?? "");
  if (url === undefined || !isWeb || url.search + url.hash !== "") {
    throw new UsageError(
      `--host must be a name, an address or a URL such as https://example.com:7512/kuzzle, not ${host.replace(/^.*@/, "…@")}`,
    );
  }
  if (url.username + url.password !== "") {
    throw new UsageError(
      "--host must not have a user or a password: see --username and --password-file.",
    );
  }
  const isSafe = /^(https|wss):$/.test(url.protocol);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (isSafe ? 443 : 80),
    ssl: isSafe,
    path: url.pathname.replace(/\/+$/, ""),
  };
}

export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      `It must be an integer from ${min} to ${max}.`,
    );
  };
}

const UNITS_MS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
]);

/** `500ms`, `1s`, `2m` */
export function milliseconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const value = Number(count) * (UNITS_MS.get(unit ?? "") ?? NaN);
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be a duration such as 500ms or 1s.");
}

/** `population:number,flags:json` */
export function columnTypes(text: string): ReadonlyMap<string, CellType> {
  const types = new Map<string, CellType>();
  for (const pair of text.split(",")) {
    const colon = pair.lastIndexOf(":");
    const type = CELL_TYPES.find((each) => each === pair.slice(colon + 1));
    if (colon < 1 || type === undefined) {
      throw new InvalidArgumentError(
        `It must be column:type,… with a type of ${CELL_TYPES.join(", ")}.`,
      );
    }
    types.set(pair.slice(0, colon), type);
  }
  return types;
}

export function delimiter(text: string): string {
  const character = text === "tab" || text === "\\t" ? "\t" : text;
  if (/^[\x20-\x7e\t]$/.test(character) && character !== '"') return character;
  throw new InvalidArgumentError("It must be one character, or tab.");
}

/** `name,address.city` */
export function fieldList(text: string): readonly string[] {
  const fields = text.split(",");
  if (fields.every((field) => field !== "" && field.trim() === field)) {
    return fields;
  }
  throw new InvalidArgumentError("It must be field,… without spaces.");
}
