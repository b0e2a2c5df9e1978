import { BatchError } from "../errors/BatchError";
import { ABORT_GRACE_MS, type RequestSender } from "./RequestSender";
import type { SdkRequest } from "./sdk";
import type { Connection } from "./Connection";
import type { RequestLimits } from "../types";
import { isServerError } from "./errorClassifier";

const NAMES = [
  "maxRequestBytes",
  "documentsFetchCount",
  "documentsWriteCount",
  "maxLookups",
  "maxResponseBytes",
  "atomicMaxDocuments",
  "atomicMaxBytes",
] as const satisfies readonly (keyof RequestLimits)[];

const RETRY_FOR_MS = 60_000;

/** The server's limits, requested once per connection. */
export class Limits {
  private given: RequestLimits | undefined;
  private pending: Promise<RequestLimits> | undefined;

  constructor(
    private readonly controller: string,
    private readonly sender: RequestSender<SdkRequest>,
    private readonly connection: Connection,
  ) {}

  /** @throws {RangeError} unless each limit is a positive integer */
  use(limits: RequestLimits): void {
    this.given = checked(limits);
  }

  /** After a reconnect, it may be another server, or the same one with other settings. */
  forget(): void {
    this.pending = undefined;
  }

  /**
   * @throws {BatchError} `batch.client.limits_unknown`, or the error of the connection
   */
  get(retryForMs = RETRY_FOR_MS): Promise<RequestLimits> {
    if (this.given !== undefined) {
      return Promise.resolve(this.given);
    }
    this.pending ??= this.request(retryForMs).catch((error: unknown) => {
      this.forget();
      throw error;
    });
    return this.pending;
  }

  private async request(retryForMs: number): Promise<RequestLimits> {
    const identity = await this.connection.identity();
    const sent = await this.sender.send(
      { controller: this.controller, action: "limits" },
      {
        identity,
        abortGraceMs: ABORT_GRACE_MS.read,
        isRepeatable: true,
        retryForMs,
      },
    );
    if (sent.kind !== "answered") {
      throw unknownLimits(sent.error);
    }
    try {
      return checked(sent.result as RequestLimits);
    } catch (error) {
      throw unknownLimits(error as Error);
    }
  }
}

function unknownLimits(error: Error): BatchError<never> {
  return new BatchError(
    `The limits of this server are unknown (${error.message}): ` +
      "grant the user the action batch:limits, or set them with useLimits(...)",
    {
      id: "batch.client.limits_unknown",
      status: isServerError(error) ? error.status : 0,
      cause: error,
    },
  );
}

function checked(limits: RequestLimits): RequestLimits {
  for (const name of NAMES) {
    const value: unknown = limits[name];
    if (!Number.isSafeInteger(value) || Number(value) < 1) {
      throw new RangeError(
        `${name} must be a positive integer, not ${String(value)}`,
      );
    }
  }
  return limits;
}
