import { BatchError } from "../../client/errors/BatchError";
import { SYSTEM_CLOCK, type Clock } from "../../client/transport/clock";
import { classifyError } from "../../client/transport/errorClassifier";
import {
  RequestSender,
  type SendResult,
} from "../../client/transport/RequestSender";
import { Interrupted } from "../usage";
import { type Call, type Connection, ConnectionLost } from "./connection";

/** The server did not become available in time. */
export class ServerGone extends Error {}

export interface RetryOptions {
  /** how long to wait for a server that is unavailable or overloaded */
  readonly retryForMs: number;
  /** called once for each call that has to wait */
  readonly onWait: (reason: string) => void;
  /** ends the waiting, but requests in flight are still awaited */
  readonly signal: AbortSignal;
}

/** How long an earlier request with the same key may take to end. */
const RUNNING_FOR_MS = 600_000;

/**
 * Repeats each call, with exactly the same request, until there is a response. For
 * requests that may be executed twice or that have an idempotency key.
 */
export class ReliableConnection {
  private readonly sender: RequestSender<Call>;

  constructor(
    private readonly connection: Connection,
    private readonly options: RetryOptions,
    clock: Clock = SYSTEM_CLOCK,
  ) {
    this.sender = new RequestSender(transportOf(connection), clock);
  }

  /**
   * @throws ServerGone if the server was unavailable for too long
   * @throws Interrupted if the signal was aborted before there was a response
   * @throws ApiError for every other error of Kuzzle
   */
  async call(call: Call): Promise<unknown> {
    const { retryForMs, onWait, signal } = this.options;
    const sent = await this.sender
      .send(call, {
        identity: undefined,
        isRepeatable: true,
        retryForMs,
        runningForMs: RUNNING_FOR_MS,
        signal,
        abortGraceMs: this.connection.timeoutMs,
        onRetry: (error, times) => {
          if (times === 1) onWait(error.message);
        },
      })
      .catch(raise);
    return resultOf(sent, signal);
  }
}

function transportOf(connection: Connection) {
  return {
    token: null,
    isReadyFor: async () => true,
    renew: () =>
      connection.logIn().catch((error: unknown) => {
        // if the server is gone again, the call itself waits for it
        if (error instanceof ConnectionLost) return true;
        throw error;
      }),
    send: (call: Call) => connection.call(call),
  };
}

function resultOf(sent: SendResult, signal: AbortSignal): unknown {
  if (sent.kind === "answered") return sent.result;
  const { error } = sent;
  switch (classifyError(error)) {
    case "final":
    case "token":
    case "abandoned":
      throw error;
    default:
      throw signal.aborted ? new Interrupted() : new ServerGone(error.message);
  }
}

/** Nothing was sent. */
function raise(error: unknown): never {
  if (!(error instanceof BatchError)) throw error;
  if (error.id === "batch.client.aborted") throw new Interrupted();
  const { message } = (error.cause ?? error) as Error;
  throw new ServerGone(message);
}
