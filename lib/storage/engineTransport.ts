import type { Readable } from "node:stream";

import { callFailure, responseFailure, type CallKind } from "./engineErrors";

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

/**
 * What the clients for version 7 and 8 have in common: the raw request, which
 * with `meta` answers `{ body }` in both.
 */
export interface EngineTransport {
  request(
    params: EngineRequest,
    options: {
      maxRetries: number;
      requestTimeout: number;
      meta: true;
      asStream?: boolean;
      headers?: Record<string, string>;
    },
  ): Promise<EngineResponse>;
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

/** Sends each request once, and turns what goes wrong into an EngineError. */
export class EngineCaller {
  constructor(
    private readonly transport: EngineTransport,
    private readonly options: CallerOptions,
  ) {}

  async call(
    operation: EngineOperation,
    kind: CallKind,
    request: EngineRequest,
    headers: Record<string, string> = {},
  ): Promise<EngineResponse> {
    return this.timed(operation, kind, () =>
      this.transport.request(request, {
        maxRetries: 0,
        requestTimeout: this.options.requestTimeoutMs,
        meta: true,
        headers,
      }),
    );
  }

  /** A read whose answer is wanted as the text that the engine has sent. */
  async readText(
    operation: EngineOperation,
    request: EngineRequest,
  ): Promise<string> {
    return this.timed(operation, "read", async () => {
      const { body, statusCode } = await this.transport.request(request, {
        maxRetries: 0,
        requestTimeout: this.options.requestTimeoutMs,
        meta: true,
        asStream: true,
      });
      const text = await textOf(body as Readable);
      // as streams, errors arrive like answers
      if (
        statusCode !== undefined &&
        statusCode !== null &&
        statusCode >= 400
      ) {
        throw responseFailure(statusCode, parseOrUndefined(text), "read");
      }
      return text;
    });
  }

  private async timed<T>(
    operation: EngineOperation,
    kind: CallKind,
    send: () => Promise<T>,
  ): Promise<T> {
    const startedAt = this.options.now();
    try {
      return await send();
    } catch (error) {
      throw callFailure(error, kind);
    } finally {
      const seconds = (this.options.now() - startedAt) / 1_000;
      this.options.onCall(operation, seconds);
    }
  }
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
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
