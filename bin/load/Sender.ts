import { createHash } from "node:crypto";

import {
  backoffMs,
  SYSTEM_CLOCK,
  type Clock,
} from "../../client/transport/clock";
import { classifyError } from "../../client/transport/errorClassifier";
import type { FailureCode } from "../../lib/types";
import { ApiError, type Call, type Connection } from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { type Part, requestInParts } from "../connection/requestInParts";
import { bodyOf, type SentRow, type Wrap } from "./wrap";

/** Where documents are written, and how. */
export interface Target {
  readonly action: "mWrite" | "mUpdate" | "batchWrite";
  readonly index: string;
  readonly collection: string;
  readonly args: Readonly<Record<string, string | number | boolean>>;
  readonly wrap: Wrap;
  /** whether a row without an id is assigned one */
  readonly assignsIds: boolean;
  /** fields to remove in addition to the row's own changes: see `UnsetSender` */
  readonly unset?: Unset;
}

export interface Unset {
  /** paths of fields, such as `address.city` */
  readonly fields: readonly string[];
  /** how often to read and write a document again that was modified concurrently */
  readonly retries: number;
}

export interface DocumentError {
  readonly code: FailureCode;
  readonly reason: string;
  readonly status: number;
}

export interface SendOutcome {
  /** documents that were written, updated or deleted */
  readonly done: number;
  /** the errors of the others, by row */
  readonly failed: ReadonlyMap<number, DocumentError>;
}

interface ItemError extends DocumentError {
  readonly position: number;
  readonly retryable: boolean;
}

const ROUTES = {
  mWrite: { method: "POST", path: "/_/batch/:index/:collection/_mWrite" },
  mUpdate: { method: "PUT", path: "/_/batch/:index/:collection/_mUpdate" },
  batchWrite: {
    method: "POST",
    path: "/_/batch/:index/:collection/_batchWrite",
  },
} as const;

/** The position of an error in the request, which means nothing to the user of a file. */
const PLACE = /\b(?:documents\[\d+\]|operations\[\d+\]\.\w+)\.?/g;

/** How often to send documents again that Elasticsearch rejected temporarily. */
const MAX_RETRIES = 6;

/**
 * Sends chunks. The same documents are sent with the same idempotency key, in this run
 * and in one that resumes it, so that they are written once.
 */
export class Sender {
  constructor(
    private readonly connection: Connection,
    private readonly reliable: ReliableConnection,
    private readonly target: Target,
    private readonly runId: string,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /**
   * @throws errors that end the whole import: the server is gone, rights or the
   *   collection are missing
   */
  async send(documents: readonly SentRow[]): Promise<SendOutcome> {
    const failed = new Map<number, DocumentError>();
    let pending = documents;
    for (let attempt = 0; pending.length > 0; attempt++) {
      const parts = await requestInParts(
        pending,
        (some) => this.request(some, attempt),
        isAboutOneDocument,
      );
      pending = parts.flatMap((part) => collect(part, failed, attempt));
      if (pending.length > 0) {
        await this.clock.sleep(backoffMs(attempt, this.clock));
      }
    }
    return { done: documents.length - failed.size, failed };
  }

  /** @returns an error for each document that was not written */
  private async request(
    documents: readonly SentRow[],
    attempt: number,
  ): Promise<readonly ItemError[]> {
    const { action, index, collection, args, wrap } = this.target;
    const body = bodyOf(documents, wrap);
    const key = this.connection.hasUser && {
      idempotencyKey: this.keyOf(documents, body, attempt),
    };
    const call: Call = {
      controller: "batch",
      action,
      http: ROUTES[action],
      index,
      collection,
      args: { ...args, source: "false", ...key },
      body,
    };
    try {
      const result = await this.reliable.call(call);
      return (result as { errors: ItemError[] }).errors;
    } catch (error) {
      // an earlier run sent the request, and its node has died since
      if (error instanceof ApiError && classifyError(error) === "abandoned") {
        return error.errors as unknown as ItemError[];
      }
      throw error;
    }
  }

  /** At most 255 characters, and unique per request. */
  private keyOf(
    documents: readonly SentRow[],
    body: Buffer,
    attempt: number,
  ): string {
    const digest = createHash("sha256")
      .update(JSON.stringify(this.target))
      .update(body)
      .digest("base64url");
    const rows = `${documents[0]?.row}-${documents.at(-1)?.row}`;
    return `${this.runId}:${rows}:${attempt}:${digest}`;
  }
}

/**
 * Records the documents that failed.
 *
 * @returns those to send again
 */
function collect(
  part: Part<SentRow, readonly ItemError[]>,
  failed: Map<number, DocumentError>,
  attempt: number,
): SentRow[] {
  if ("error" in part) {
    const { status, message: reason } = part.error;
    const code = status === 413 ? "too_large" : "other";
    failed.set(part.items[0].row, { code, reason, status });
    return [];
  }
  const again: SentRow[] = [];
  for (const error of part.result) {
    const document = part.items[error.position] as SentRow;
    const { code, status } = error;
    const reason = error.reason.replace(PLACE, "");
    if (mayBeSentAgain(error) && attempt < MAX_RETRIES) again.push(document);
    else failed.set(document.row, { code, reason, status });
  }
  return again;
}

/**
 * A whole document with a known id can be written again after an unknown outcome,
 * because it is the same document. So can an update; a document deleted twice is
 * reported not found.
 */
function mayBeSentAgain({ code, retryable }: ItemError): boolean {
  return retryable || code === "unknown_outcome";
}

/** An error of the whole request that a single document may have caused. */
function isAboutOneDocument(error: unknown): error is ApiError {
  return (
    error instanceof ApiError && [400, 413, 422, 500].includes(error.status)
  );
}
