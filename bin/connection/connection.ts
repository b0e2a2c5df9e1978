import type { ServerError } from "../../client/transport/errorClassifier";

/** A call of one of Kuzzle's actions over any protocol. */
export interface Call {
  readonly controller: string;
  readonly action: string;
  /** the action's route; `:index` and the like are filled in from the call */
  readonly http: { readonly method: string; readonly path: string };
  readonly index?: string;
  readonly collection?: string;
  readonly args?: Readonly<Record<string, string | number | boolean>>;
  /** JSON */
  readonly body?: Buffer;
}

/** A connection to Kuzzle as one user. */
export interface Connection {
  /** for messages: `http://localhost:7512` */
  readonly server: string;
  /** bytes of a request besides its body that count towards the server's limit */
  readonly envelopeBytes: number;
  /** false: anonymous */
  readonly hasUser: boolean;
  /** a request without a response for this long counts as lost */
  readonly timeoutMs: number;
  /**
   * Returns the action's result; over HTTP, the text of a raw response.
   *
   * @throws ApiError if Kuzzle answers with an error
   * @throws ConnectionLost if no response arrived
   */
  call(call: Call): Promise<unknown>;
  /**
   * Requests a new token.
   *
   * @returns false without credentials
   */
  logIn(): Promise<boolean>;
  close(): void;
}

export interface Credentials {
  readonly strategy: string;
  readonly username: string;
  readonly password: string;
}

/** Credentials. Never read from the command line, which other users can see. */
export interface Secrets {
  readonly login?: { readonly username: string; readonly password: string };
  readonly apiKey?: string | undefined;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  /** prefix of each route, as a proxy may require: `/kuzzle`, or empty */
  readonly path: string;
  readonly protocol: "http" | "websocket";
  readonly credentials: Credentials | undefined;
  readonly apiKey: string | undefined;
  /** a connection without a response for this long counts as lost */
  readonly timeoutMs: number;
}

/** Kuzzle answered with an error. */
export class ApiError extends Error implements ServerError {
  /** @param id empty if something in front of Kuzzle answered */
  constructor(
    readonly status: number,
    readonly id: string,
    message: string,
    readonly errors: readonly Record<string, unknown>[] = [],
  ) {
    super(message);
  }
}

/** There was no response: it is unknown whether the request was executed. */
export class ConnectionLost extends Error {
  /** @param code of the system error, such as `ECONNREFUSED` */
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

/** @throws ApiError if the response to a login has no token */
export function tokenOf(result: unknown): string {
  const { jwt } = (result ?? {}) as { jwt?: unknown };
  if (typeof jwt === "string") return jwt;
  throw new ApiError(500, "", "The response to the login has no token.");
}
