import type { Readable } from "node:stream";

import { EngineError } from "./DocumentStore";
import {
  callFailure,
  lostCall,
  responseFailure,
  type CallKind,
} from "./engineErrors";

export interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly querystring?: Record<string, string>;
  readonly body?: unknown;
  readonly bulkBody?: string;
}

export interface EngineResponse {
  readonly body: unknown;
  readonly statusCode?: number | null;
  readonly headers?: Record<string, unknown> | null;
}

export interface EngineRequestOptions {
  readonly maxRetries: number;
  readonly requestTimeout: number;
  readonly meta: true;
  readonly asStream?: boolean;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/**
 * What the clients for version 7 and 8 have in common: the raw request, which
 * with `meta` answers `{ body }` in both.
 */
export interface EngineTransport {
  request(
    params: EngineRequest,
    options: EngineRequestOptions,
  ): Promise<EngineResponse> & { abort?: () => void };
}

/** A few names, since they are labels of metrics. */
export type EngineOperation = "mget" | "bulk" | "mapping" | "tasks" | "journal";

export interface CallerOptions {
  /** milliseconds after which a call is given up */
  readonly requestTimeoutMs: number;
  readonly now: () => number;
  /** told of every call, failed ones too */
  readonly onCall: (operation: EngineOperation, seconds: number) => void;
}

/** So that a client gives up first, where it does: both at once confuse it. */
const GRACE_MS = 100;

/** Sends each request once, and turns what goes wrong into an EngineError. */
export class EngineCaller {
  constructor(
    private readonly transport: EngineTransport,
    private readonly options: CallerOptions,
  ) {}

  /** @throws {EngineError} */
  async call(
    operation: EngineOperation,
    kind: CallKind,
    request: EngineRequest,
    headers: Record<string, string> = {},
  ): Promise<EngineResponse> {
    return this.timed(operation, kind, (signal) =>
      this.send(request, { headers, signal }),
    );
  }

  /**
   * A read whose answer is wanted as the text that the engine has sent.
   *
   * @throws {EngineError} also when the answer breaks off, or can't be read
   */
  async readText<T>(
    operation: EngineOperation,
    request: EngineRequest,
    read: (text: string) => T,
  ): Promise<T> {
    return this.timed(operation, "read", async (signal) => {
      const { body, statusCode } = await this.send(request, {
        asStream: true,
        signal,
      });
      try {
        const text = await textOf(body as Readable, signal);
        // as streams, errors arrive like answers
        if (typeof statusCode === "number" && statusCode >= 400) {
          throw responseFailure(statusCode, parseOrUndefined(text), "read");
        }
        return read(text);
      } catch (error) {
        throw error instanceof EngineError ? error : lostCall("read");
      }
    });
  }

  private send(
    request: EngineRequest,
    options: Partial<EngineRequestOptions>,
  ): Promise<EngineResponse> {
    const answer = this.transport.request(request, {
      maxRetries: 0,
      requestTimeout: this.options.requestTimeoutMs,
      meta: true,
      ...options,
    });
    // the client for version 7 knows no signals
    options.signal?.addEventListener("abort", () => answer.abort?.());
    return answer;
  }

  /**
   * The clients' own time-out ends with the headers of an answer: one that
   * stands still after them would keep its place under the limiter for ever.
   */
  private async timed<T>(
    operation: EngineOperation,
    kind: CallKind,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const startedAt = this.options.now();
    const giveUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(lostCall(kind));
        giveUp.abort();
      }, this.options.requestTimeoutMs + GRACE_MS);
    });
    try {
      return await Promise.race([send(giveUp.signal), deadline]);
    } catch (error) {
      throw callFailure(error, kind);
    } finally {
      clearTimeout(timer);
      const seconds = (this.options.now() - startedAt) / 1_000;
      this.options.onCall(operation, seconds);
    }
  }
}

async function textOf(stream: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  signal.addEventListener("abort", () => stream.destroy());
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Buffer | string));
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
