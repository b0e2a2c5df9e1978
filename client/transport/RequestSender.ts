import type { Sdk, SdkRequest } from "./sdk";

import { aborted, unlessAborted } from "./abort";
import { BatchError } from "../errors/BatchError";
import { backoffMs, type Clock } from "./clock";
import type { Connection, Identity } from "./Connection";
import {
  isOutcome,
  isServerError,
  verdictOf,
  type Verdict,
} from "./errorClassifier";

/** What came of one request. */
export type Delivery =
  | { readonly kind: "answered"; readonly result: unknown }
  /** the server has answered, or would not be asked: another time it would again */
  | { readonly kind: "refused"; readonly error: Error }
  /** it was sent; whether it was executed is not known */
  | { readonly kind: "unknown"; readonly error: Error };

export interface DeliveryOptions {
  readonly identity: Identity;
  readonly kind: "read" | "write";
  /**
   * Whether a request may be sent again of which it is not known if it was
   * executed: reads, and writes under an idempotency key.
   */
  readonly isRepeatable: boolean;
  readonly retryForMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An abort waits so long for writes under way, to tell what became of them. */
const GRACE_MS = { read: 0, write: 5_000 } as const;

/** Sends one request, as often as it takes and is allowed. */
export class Courier {
  constructor(
    private readonly kuzzle: Sdk,
    private readonly connection: Connection,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws {BatchError} `batch.client.aborted` or `batch.client.disconnected` when
   * nothing was sent; whatever the SDK throws at a request that it cannot send
   */
  async deliver(
    request: SdkRequest,
    options: DeliveryOptions,
  ): Promise<Delivery> {
    const { identity, isRepeatable, retryForMs, signal } = options;
    const { clock, connection } = this;
    let deadline: number | undefined;
    let lost: Error | undefined;

    for (let attempt = 0; ; attempt++) {
      const until = deadline ?? clock.now() + retryForMs;
      const isReady = await connection.isReadyFor(identity, until, signal);
      if (!isReady || signal?.aborted) {
        if (lost !== undefined) {
          return { kind: "unknown", error: lost };
        }
        throw signal?.aborted ? aborted(signal) : disconnected(retryForMs);
      }
      const { jwt } = this.kuzzle;
      const outcome = await this.ask(request, options);
      if (!(outcome instanceof Error)) {
        return { kind: "answered", result: outcome.result };
      }
      const verdict = verdictOf(outcome);
      if (
        verdict === "refused" ||
        (verdict === "token" && !(await connection.renew(jwt)))
      ) {
        return lost !== undefined && !tellsOutcome(outcome)
          ? { kind: "unknown", error: lost }
          : { kind: "refused", error: outcome };
      }
      if (verdict === "abandoned") {
        return { kind: "unknown", error: outcome };
      }
      if (verdict === "lost" || verdict === "running") {
        lost = outcome;
        if (!isRepeatable) {
          return { kind: "unknown", error: lost };
        }
      }
      deadline ??= clock.now() + retryForMs;
      if (clock.now() >= deadline) {
        return exhausted(verdict, outcome, lost, retryForMs);
      }
      await clock.sleep(backoffMs(attempt, clock), signal);
    }
  }

  /** The answer, or why there is none. */
  private async ask(
    request: SdkRequest,
    { kind, signal }: DeliveryOptions,
  ): Promise<{ result: unknown } | Error> {
    // no offline queue: it would send what was given up here
    const answer = this.kuzzle.query(request, { queuable: false });
    try {
      const response: unknown = await unlessAborted(
        answer,
        signal,
        async () => {
          await this.clock.sleep(GRACE_MS[kind]);
          throw new Error("Aborted before the answer came");
        },
      );
      const { result } = (response ?? {}) as { result?: unknown };
      return typeof result === "object" && result !== null
        ? { result }
        : new Error("What was answered is none of Kuzzle's answers");
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

function exhausted(
  verdict: Verdict,
  outcome: Error,
  lost: Error | undefined,
  retryForMs: number,
): Delivery {
  if (lost !== undefined) {
    return { kind: "unknown", error: lost };
  }
  if (verdict === "unsent") {
    throw disconnected(retryForMs);
  }
  return { kind: "refused", error: outcome };
}

/** With an answer to the first sending there is no more doubt. */
function tellsOutcome(error: Error): boolean {
  return isServerError(error) && isOutcome(error);
}

function disconnected(retryForMs: number): BatchError<never> {
  return new BatchError(
    `Not connected to Kuzzle, or no longer as the same user, and not again within ${retryForMs} ms`,
    { id: "batch.client.disconnected", status: 0 },
  );
}
