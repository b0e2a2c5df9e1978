import type { ServerLimits } from "../../lib/types";
import { UsageError } from "../usage";
import {
  ApiError,
  type Connection,
  type ConnectionOptions,
} from "./connection";
import { HttpConnection } from "./HttpConnection";
import { WebSocketConnection } from "./WebSocketConnection";

/**
 * Connects and logs in.
 *
 * @throws ConnectionLost, ApiError at the first thing that goes wrong: who starts
 *   the command is still there to see it
 */
export async function openConnection(
  options: ConnectionOptions,
): Promise<Connection> {
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

/** What the command's user knows of the limits, and may set lower. */
export interface OwnLimits {
  readonly maxRequestBytes?: number;
  readonly maxRequestDocuments?: number;
}

export type RequestLimits = Pick<
  ServerLimits,
  "maxRequestBytes" | "documentsFetchCount" | "documentsWriteCount"
>;

/** Kuzzle's own defaults, for those that a user knows to be in force. */
export const DEFAULT_LIMITS: RequestLimits = {
  maxRequestBytes: 1024 * 1024,
  documentsFetchCount: 10_000,
  documentsWriteCount: 200,
};

/**
 * Asks the server what it takes in one request.
 *
 * @throws UsageError where the plugin is not there, or the right is missing and
 *   the user has not said a limit either
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
        `${connection.server} has no plugin kuzzle-plugin-batch, or an older one.`,
      );
    }
    if (status !== 401 && status !== 403) throw error;
    if (own.maxRequestBytes !== undefined) return DEFAULT_LIMITS;
    const who = connection.hasUser ? "This user" : "Who is not logged in";
    throw new ApiError(
      status,
      id,
      `${who} may not run batch:limits: allow it, or say --max-request-bytes (${error.message})`,
    );
  }
}

/** The smaller of what the server takes and what the user has said. */
export function lesser(
  server: number,
  own: number | undefined,
  name: string,
): number {
  if (own === undefined) return server;
  if (own > server) {
    throw new UsageError(`${name} is ${own}; the server takes ${server}.`);
  }
  return own;
}
