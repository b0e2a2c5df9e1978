import { setTimeout as sleep } from "node:timers/promises";

import { Interrupted } from "../usage";
import {
  ApiError,
  type Call,
  type Connection,
  ConnectionLost,
} from "./connection";

/** The server did not come back in time. */
export class ServerGone extends Error {}

export interface Patience {
  /** how long a server that is gone or overloaded is waited for */
  readonly retryForMs: number;
  /** told once for each time the server went away */
  readonly onWait: (reason: string) => void;
  /** ends the waiting */
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 200;
const MAX_WAIT_MS = 5_000;
/** How long an earlier request under the same key may take to end. */
const IN_PROGRESS_MS = 600_000;
const IN_PROGRESS = "batch.idempotency.in_progress";

/**
 * Calls again, with the very same request, until there is an answer: after a lost
 * connection, when the server says that it has too much to do, and when the
 * first request under its idempotency key is not done yet. Fit for requests that
 * may be executed twice, or have a key.
 */
export class Persistent {
  constructor(
    private readonly connection: Connection,
    private readonly patience: Patience,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @throws ServerGone when it was gone for too long
   * @throws Interrupted when the signal came while it was gone
   * @throws ApiError for every other error that Kuzzle answers
   */
  async call(call: Call): Promise<unknown> {
    const begun = this.now();
    let hasLoggedIn = false;
    for (let attempt = 0; ; attempt++) {
      let error: unknown;
      try {
        return await this.connection.call(call);
      } catch (thrown) {
        error = thrown;
      }
      if (isTokenRefused(error) && !hasLoggedIn) {
        hasLoggedIn = await this.logIn();
        if (hasLoggedIn) continue;
      }
      const forMs = waitable(error, this.patience.retryForMs);
      if (forMs === undefined) throw error;
      await this.waitFor(error as Error, attempt, begun + forMs);
    }
  }

  /** Once the token has expired. */
  private async logIn(): Promise<boolean> {
    try {
      return await this.connection.logIn();
    } catch (error) {
      // it may be gone again by now: then the call itself waits for it
      if (error instanceof ConnectionLost) return true;
      throw error;
    }
  }

  private async waitFor(
    error: Error,
    attempt: number,
    deadline: number,
  ): Promise<void> {
    const { onWait, signal } = this.patience;
    if (this.now() >= deadline) throw new ServerGone(error.message);
    if (attempt === 0) onWait(error.message);
    const bound = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
    try {
      await sleep(bound * (0.5 + Math.random() / 2), undefined, { signal });
    } catch {
      throw new Interrupted();
    }
  }
}

function isTokenRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** How long an error is worth waiting for; undefined when it will not pass. */
function waitable(error: unknown, retryForMs: number): number | undefined {
  if (error instanceof ConnectionLost) return retryForMs;
  if (!(error instanceof ApiError)) return undefined;
  if (error.id === IN_PROGRESS) return Math.max(retryForMs, IN_PROGRESS_MS);
  return [429, 502, 503, 504].includes(error.status) ? retryForMs : undefined;
}
