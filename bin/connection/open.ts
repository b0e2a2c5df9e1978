import type { ServerLimits } from "../../lib/types";
import { UsageError } from "../usage";
import { type ConnectionFlags, connectionOptions } from "../options";
import type { Terminal } from "../output/Terminal";
import { readSecrets } from "../secrets";
import { ApiError, type Connection } from "./connection";
import { HttpConnection } from "./HttpConnection";
import { WebSocketConnection } from "./WebSocketConnection";

/**
 * Connects and logs in.
 *
 * @throws UsageError for an incomplete login
 * @throws ConnectionLost, ApiError at the first error, without retries: the person who
 *   started the command is still there to see it
 */
export async function openConnection(
  flags: ConnectionFlags,
  terminal: Terminal,
): Promise<Connection> {
  const secrets = await readSecrets(flags);
  if (secrets.apiKey !== undefined) terminal.hide(secrets.apiKey);
  const options = connectionOptions(flags, secrets);
  const connection =
    options.protocol === "http"
      ? new HttpConnection(options)
      : new WebSocketConnection(options);
  await connection.logIn();
  return connection;
}

const LIMITS = {
  controller: "batch",
  action: "limits",
  http: { method: "GET", path: "/_/batch/limits" },
} as const;

/** Lower limits that the user of the command sets. */
export interface OwnLimits {
  readonly maxRequestBytes?: number;
  readonly maxRequestDocuments?: number;
}

export type RequestLimits = Pick<
  ServerLimits,
  "maxRequestBytes" | "documentsFetchCount" | "documentsWriteCount"
>;

/** Kuzzle's default limits, if they cannot be requested. */
export const DEFAULT_LIMITS: RequestLimits = {
  maxRequestBytes: 1024 * 1024,
  documentsFetchCount: 10_000,
  documentsWriteCount: 200,
};

/**
 * Requests the server's limits for a request.
 *
 * @throws ApiError if the plugin is not installed, or if the right is missing and the
 *   user has not set a limit either
 */
export async function askLimits(
  connection: Connection,
  own: OwnLimits,
): Promise<RequestLimits> {
  try {
    return (await connection.call(LIMITS)) as ServerLimits;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, id } = error;
    if (status === 404 || id === "api.process.controller_not_found") {
      throw new ApiError(
        status,
        id,
        `${connection.server} does not have kuzzle-plugin-batch, or has an older version.`,
      );
    }
    const isForbidden = id.startsWith("security.rights.");
    if (!isForbidden) throw error;
    if (own.maxRequestBytes !== undefined) return DEFAULT_LIMITS;
    const who = connection.hasUser ? "This user" : "The anonymous user";
    throw new ApiError(
      status,
      id,
      `${who} may not run batch:limits: grant the right, or set --max-request-bytes (${error.message})`,
    );
  }
}

/** The lower of the server's and the user's limit. */
export function lesser(
  server: number,
  own: number | undefined,
  name: string,
): number {
  if (own === undefined) return server;
  if (own > server) {
    throw new UsageError(`${name} is ${own}; the server accepts ${server}.`);
  }
  return own;
}
