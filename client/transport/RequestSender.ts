import { BatchError } from "../errors/BatchError";
import { aborted, unlessAborted } from "./abort";
import { backoffMs, type Clock } from "./clock";
import { classifyError, isOutcome } from "./errorClassifier";

/** The user who sends requests; undefined if anonymous. */
export type Identity = string | undefined;

/** What sends the requests: the SDK, or the command's own connection. */
export interface Transport<Request> {
  /** the token of the current session */
  readonly token: string | null;
  /**
   * Waits until requests can be sent as `identity`.
   *
   * @returns false if this does not happen by `deadline` or never will
   */
  isReadyFor(
    identity: Identity,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean>;
  /**
   * @param token the rejected token
   * @returns whether there is a new session now
   */
  renew(token: string | null): Promise<boolean>;
  /**
   * @returns the result of the action.
   * @throws errors that `classifyError` understands
   */
  send(request: Request): Promise<unknown>;
}

/** The outcome of one request. */
export type SendResult =
  | { readonly kind: "answered"; readonly result: unknown }
  /** failed with an error of the server, or one that every attempt would raise */
  | { readonly kind: "failed"; readonly error: Error }
  /** the request was sent; whether it was executed is unknown */
  | { readonly kind: "unknown"; readonly error: Error };

export interface SendOptions {
  readonly identity: Identity;
  /**
   * Whether a request may be sent again if it is unknown whether it was executed: true
   * for reads, and for writes under an idempotency key.
   */
  readonly isRepeatable: boolean;
  /** milliseconds from the first failure on */
  readonly retryForMs: number;
  /**
   * milliseconds to wait for an earlier request with the same key; default `retryForMs`
   */
  readonly runningForMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** milliseconds to wait for an answer after an abort */
  readonly abortGraceMs: number;
  /** Called before each wait, with how often the request has been sent so far. */
  readonly onRetry?: (error: Error, sent: number) => void;
}

/** How long to wait for requests in flight after an abort, to learn their outcome. */
export const ABORT_GRACE_MS = { read: 0, write: 5_000 } as const;

/** Sends one request, repeatedly if necessary and allowed. */
export class RequestSender<Request> {
  constructor(
    private readonly transport: Transport<Request>,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws {BatchError} `batch.client.aborted` or `batch.client.disconnected` if
   *   nothing was sent; otherwise whatever the transport throws at a request that it
   *   cannot send
   */
  async send(request: Request, options: SendOptions): Promise<SendResult> {
    const { identity, isRepeatable, retryForMs, signal } = options;
    const { clock, transport } = this;
    let firstTroubleAt: number | undefined;
    let lost: Error | undefined;
    let hasRenewed = false;

    for (let attempt = 0; ; attempt++) {
      const deadline = (firstTroubleAt ?? clock.now()) + retryForMs;
      const isReady = await transport.isReadyFor(identity, deadline, signal);
      if (!isReady || signal?.aborted) {
        if (lost !== undefined) {
          return { kind: "unknown", error: lost };
        }
        throw signal?.aborted ? aborted(signal) : disconnected(retryForMs);
      }
      const { token } = transport;
      const outcome = await this.attempt(request, options);
      if (!(outcome instanceof Error)) {
        return { kind: "answered", result: outcome.result };
      }
      const errorClass = classifyError(outcome);
      if (errorClass === "token" && !hasRenewed) {
        hasRenewed = await transport.renew(token);
        if (hasRenewed) continue;
      }
      if (errorClass === "token" || errorClass === "final") {
        return lost !== undefined && !isOutcome(outcome)
          ? { kind: "unknown", error: lost }
          : { kind: "failed", error: outcome };
      }
      if (errorClass === "abandoned") {
        return { kind: "unknown", error: outcome };
      }
      if (errorClass === "lost" || errorClass === "running") {
        lost = outcome;
        if (!isRepeatable) {
          return { kind: "unknown", error: lost };
        }
      }
      hasRenewed = false;
      firstTroubleAt ??= clock.now();
      const waitMs =
        errorClass === "running"
          ? Math.max(retryForMs, options.runningForMs ?? 0)
          : retryForMs;
      if (clock.now() >= firstTroubleAt + waitMs) {
        if (lost !== undefined) return { kind: "unknown", error: lost };
        if (errorClass === "unsent") throw disconnected(retryForMs, outcome);
        return { kind: "failed", error: outcome };
      }
      options.onRetry?.(outcome, attempt + 1);
      await clock.sleep(backoffMs(attempt, clock), signal);
    }
  }

  /** The answer, or the error that came instead. */
  private async attempt(
    request: Request,
    { abortGraceMs, signal }: SendOptions,
  ): Promise<{ result: unknown } | Error> {
    const answer = this.transport.send(request);
    try {
      const result = await unlessAborted(answer, signal, async () => {
        await this.clock.sleep(abortGraceMs);
        throw new Error("Aborted before a response arrived");
      });
      return { result };
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

function disconnected(retryForMs: number, cause?: Error): BatchError<never> {
  return new BatchError(
    `Not connected to Kuzzle as the same user, and not within ${retryForMs} ms`,
    { id: "batch.client.disconnected", status: 0, cause },
  );
}
