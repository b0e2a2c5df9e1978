import { BatchError } from "../errors/BatchError";
import type { Courier } from "./RequestSender";
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

/** The server's limits, asked once per connection. */
export class Limits {
  private given: RequestLimits | undefined;
  private asked: Promise<RequestLimits> | undefined;

  constructor(
    private readonly controller: string,
    private readonly courier: Courier,
    private readonly connection: Connection,
  ) {}

  /** @throws {RangeError} unless each of them is a positive integer */
  use(limits: RequestLimits): void {
    this.given = checked(limits);
  }

  /** After a reconnect it may be another server, or the same with other settings. */
  forget(): void {
    this.asked = undefined;
  }

  /** @throws {BatchError} `batch.client.limits_unknown`, or what the connection does */
  get(retryForMs = RETRY_FOR_MS): Promise<RequestLimits> {
    if (this.given !== undefined) {
      return Promise.resolve(this.given);
    }
    this.asked ??= this.ask(retryForMs).catch((error: unknown) => {
      this.forget();
      throw error;
    });
    return this.asked;
  }

  private async ask(retryForMs: number): Promise<RequestLimits> {
    const identity = await this.connection.identity();
    const delivery = await this.courier.deliver(
      { controller: this.controller, action: "limits" },
      { identity, kind: "read", isRepeatable: true, retryForMs },
    );
    if (delivery.kind !== "answered") {
      throw unknownLimits(delivery.error);
    }
    try {
      return checked(delivery.result as RequestLimits);
    } catch (error) {
      throw unknownLimits(error as Error);
    }
  }
}

function unknownLimits(error: Error): BatchError<never> {
  return new BatchError(
    "What a request may hold on this server could not be asked " +
      `(${error.message}): allow the caller the action batch:limits, or say it with useLimits(...)`,
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
        `${name} has to be a positive integer, not ${String(value)}`,
      );
    }
  }
  return limits;
}
