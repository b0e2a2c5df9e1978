import type { ServerError } from "../../client/transport/errorClassifier";

/** One of Kuzzle's actions, to be called over any protocol. */
export interface Call {
  readonly controller: string;
  readonly action: string;
  /** its route; `:index` and the like are filled in from the call */
  readonly http: { readonly method: string; readonly path: string };
  readonly index?: string;
  readonly collection?: string;
  readonly args?: Readonly<Record<string, string | number | boolean>>;
  /** JSON */
  readonly body?: Buffer;
}

/** A Kuzzle that is talked to as one user. */
export interface Connection {
  /** who it is, for people: `http://localhost:7512` */
  readonly server: string;
  /** bytes of a request besides its body that count against the server's limit */
  readonly envelopeBytes: number;
  /** false: as anonymous */
  readonly hasUser: boolean;
  /** after so long without an answer a request counts as lost */
  readonly timeoutMs: number;
  /**
   * The action's result; over HTTP, the text of a raw answer.
   *
   * @throws ApiError when Kuzzle answers an error
   * @throws ConnectionLost when no answer came
   */
  call(call: Call): Promise<unknown>;
  /**
   * Gets a token anew.
   *
   * @returns false when there is nothing to log in with
   */
  logIn(): Promise<boolean>;
  close(): void;
}

export interface Credentials {
  readonly strategy: string;
  readonly username: string;
  readonly password: string;
}

/** What the command logs in with. Never taken from the command line, which others see. */
export interface Secrets {
  readonly login?: { readonly username: string; readonly password: string };
  readonly apiKey?: string | undefined;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  /** before the path of each route, as a proxy may want it: `/kuzzle`, or empty */
  readonly path: string;
  readonly protocol: "http" | "websocket";
  readonly credentials: Credentials | undefined;
  readonly apiKey: string | undefined;
  /** after so long without an answer the connection counts as lost */
  readonly timeoutMs: number;
}

/** Kuzzle's answer was an error. */
export class ApiError extends Error implements ServerError {
  /** @param id empty where something in front of Kuzzle has answered */
  constructor(
    readonly status: number,
    readonly id: string,
    message: string,
    readonly errors: readonly Record<string, unknown>[] = [],
  ) {
    super(message);
  }
}

/** There was no answer: whether the request was executed is not known. */
export class ConnectionLost extends Error {
  /** @param code of the system's error, such as `ECONNREFUSED` */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

export const LOG_IN = {
  controller: "auth",
  action: "login",
  http: { method: "POST", path: "/_login/:strategy" },
} as const;

/** @throws ApiError when the answer to a login has no token */
export function tokenOf(result: unknown): string {
  const { jwt } = (result ?? {}) as { jwt?: unknown };
  if (typeof jwt === "string") return jwt;
  throw new ApiError(500, "", "The response to the login has no token.");
}
