import type { EventEmitter } from "node:events";
import { pipeline, type Readable } from "node:stream";
import { createUnzip } from "node:zlib";

import {
  BrokenAnswer,
  callFailure,
  responseFailure,
  type CallKind,
} from "./errorClassifier";

export interface EngineRequest {
  readonly method: string;
  readonly path: string;
  readonly querystring?: Record<string, string>;
  readonly body?: unknown;
  readonly bulkBody?: string | Buffer;
}

/** The response that both clients return when a stream is requested. */
export interface EngineResponse {
  readonly body: unknown;
  readonly statusCode?: number | null;
  readonly headers?: Record<string, unknown> | null;
}

export interface EngineRequestOptions {
  readonly maxRetries: number;
  readonly requestTimeout: number;
  readonly meta: true;
  readonly asStream: true;
  readonly headers: Record<string, string>;
}

/**
 * What the clients for versions 7 and 8 have in common: the raw request, which with
 * `meta` and `asStream` returns a readable `body` in both, whatever the status.
 */
export interface EngineTransport {
  request(
    params: EngineRequest,
    options: EngineRequestOptions,
  ): Promise<EngineResponse>;
}

/** Few names only, since they are labels of metrics. */
export type EngineOperation =
  "mget" | "bulk" | "refresh" | "mapping" | "tasks" | "journal";

export interface CallerOptions {
  /** milliseconds after which a call is aborted */
  readonly requestTimeoutMs: number;
  readonly now: () => number;
  /** called for every call, including failed ones */
  readonly onCall: (operation: EngineOperation, seconds: number) => void;
}

/** Sends each request once, and turns failures into an EngineError. */
export class EngineCaller {
  constructor(
    private readonly transport: EngineTransport,
    private readonly options: CallerOptions,
  ) {}

  /** @throws {EngineError} also when the response is interrupted or can't be parsed */
  async call(
    operation: EngineOperation,
    kind: CallKind,
    request: EngineRequest,
    headers: Record<string, string> = {},
  ): Promise<{ readonly body: unknown; readonly bytes: number }> {
    const read = (answer: Buffer): { body: unknown; bytes: number } => ({
      body: JSON.parse(answer.toString("utf8")),
      bytes: answer.length,
    });
    return this.callRaw(operation, kind, request, read, headers);
  }

  /**
   * Like `call`, but returns the response unparsed.
   *
   * The clients' own timeout ends with the headers of a response. One that stalls after
   * them would occupy its place in the lane forever, so bodies are read here, where
   * reading can be aborted.
   */
  async callRaw<T>(
    operation: EngineOperation,
    kind: CallKind,
    request: EngineRequest,
    read: (answer: Buffer) => T,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const { requestTimeoutMs, now, onCall } = this.options;
    const startedAt = now();
    try {
      const { body, ...head } = await this.transport.request(request, {
        maxRetries: 0,
        requestTimeout: requestTimeoutMs,
        meta: true,
        asStream: true,
        headers,
      });
      outliveReset(body as Readable);
      const stream = decoded(body as Readable, head.headers);
      const answer = await readBody(stream, requestTimeoutMs);
      if (typeof head.statusCode === "number" && head.statusCode >= 400) {
        throw responseFailure(head.statusCode, parsed(answer), kind);
      }
      return read(answer);
    } catch (error) {
      throw callFailure(error, kind);
    } finally {
      onCall(operation, (now() - startedAt) / 1_000);
    }
  }
}

/**
 * The client for version 7 listens to a request only until its response begins. If the
 * connection is reset after that, nobody handles the error, and it would end the
 * process. The response is interrupted in any case.
 */
function outliveReset(
  answer: Readable & { readonly req?: EventEmitter },
): void {
  answer.req?.on("error", () => undefined);
}

function decoded(body: Readable, headers: EngineResponse["headers"]): Readable {
  return headers?.["content-encoding"] === undefined
    ? body
    : pipeline(body, createUnzip(), () => undefined);
}

/** @throws {BrokenAnswer} when it is interrupted or stalls for too long */
async function readBody(stream: Readable, timeoutMs: number): Promise<Buffer> {
  const timer = setTimeout(() => stream.destroy(), timeoutMs);
  const chunks: Buffer[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("end", resolve);
      stream.once("error", reject);
      // the only event that an aborted response may emit
      stream.once("close", reject);
    });
  } catch {
    throw new BrokenAnswer();
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

function parsed(answer: Buffer): unknown {
  try {
    return JSON.parse(answer.toString("utf8"));
  } catch {
    return undefined;
  }
}
