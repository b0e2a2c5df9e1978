import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { FailureCode } from "../../lib/types";
import { ApiError, type Call, type Connection } from "../connection/connection";
import type { Persistent } from "../connection/Persistent";
import type { DocumentRow } from "../input/rows";
import { bodyOf } from "./Chunker";

/** Where documents go, and how. */
export interface Target {
  readonly action: "mWrite" | "mUpdate";
  readonly index: string;
  readonly collection: string;
  readonly args: Readonly<Record<string, string | number | boolean>>;
}

export interface DocumentError {
  readonly code: FailureCode;
  readonly reason: string;
  readonly status: number;
}

export interface SendOutcome {
  /** documents that are written, or updated */
  readonly done: number;
  /** why the others are not, by their row */
  readonly failed: ReadonlyMap<number, DocumentError>;
}

interface ServerError extends DocumentError {
  readonly position: number;
  readonly retryable: boolean;
}

const ROUTES = {
  mWrite: { method: "POST", path: "/_/batch/:index/:collection/_mWrite" },
  mUpdate: { method: "PUT", path: "/_/batch/:index/:collection/_mUpdate" },
} as const;

/** How often documents are sent again that the engine did not take for now. */
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 250;
/** How many requests of one chunk may be refused as a whole. */
const MAX_REFUSED_REQUESTS = 60;

/** A chunk's own account: what its parts have cost so far. */
interface Account {
  refusedRequests: number;
}

/**
 * Sends chunks. The same documents are sent under the same idempotency key, in
 * this run and in one that takes it up again, so that they are written once.
 */
export class Sender {
  constructor(
    private readonly connection: Connection,
    private readonly persistent: Persistent,
    private readonly target: Target,
    private readonly runId: string,
    private readonly wait: (ms: number) => Promise<unknown> = sleep,
  ) {}

  /**
   * @throws what ends the whole import: the server is gone, the rights are
   *   missing, the collection is not there
   */
  async send(documents: readonly DocumentRow[]): Promise<SendOutcome> {
    const failed = new Map<number, DocumentError>();
    if (documents.length > 0) {
      await this.sendSome(documents, 0, failed, { refusedRequests: 0 });
    }
    return { done: documents.length - failed.size, failed };
  }

  private async sendSome(
    documents: readonly DocumentRow[],
    attempt: number,
    failed: Map<number, DocumentError>,
    account: Account,
  ): Promise<void> {
    let errors: readonly ServerError[];
    try {
      errors = await this.ask(documents, attempt);
    } catch (error) {
      if (!isOfTheDocuments(error)) throw error;
      return this.halve(documents, error, failed, account);
    }
    const again: DocumentRow[] = [];
    for (const error of errors) {
      const document = documents[error.position] as DocumentRow;
      const { code, reason, status } = error;
      if (mayGoAgain(error) && attempt < MAX_ATTEMPTS) again.push(document);
      else failed.set(document.row, { code, reason, status });
    }
    if (again.length > 0) {
      await this.wait(FIRST_WAIT_MS * 2 ** attempt);
      await this.sendSome(again, attempt + 1, failed, account);
    }
  }

  /** One document that spoils its request is found, and the others are written. */
  private async halve(
    documents: readonly DocumentRow[],
    error: ApiError,
    failed: Map<number, DocumentError>,
    account: Account,
  ): Promise<void> {
    account.refusedRequests += 1;
    if (account.refusedRequests > MAX_REFUSED_REQUESTS) throw error;
    const [first] = documents;
    if (documents.length === 1 && first !== undefined) {
      const { status, message: reason } = error;
      const code = status === 413 ? "too_large" : "other";
      failed.set(first.row, { code, reason, status });
      return;
    }
    const half = Math.ceil(documents.length / 2);
    for (const part of [documents.slice(0, half), documents.slice(half)]) {
      await this.sendSome(part, 0, failed, account);
    }
  }

  /** @returns an error for each document that was not written */
  private async ask(
    documents: readonly DocumentRow[],
    attempt: number,
  ): Promise<readonly ServerError[]> {
    const { action, index, collection, args } = this.target;
    const body = bodyOf(documents);
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
      const result = await this.persistent.call(call);
      return (result as { errors: ServerError[] }).errors;
    } catch (error) {
      // of an earlier run's request, whose node has died since
      if (error instanceof ApiError && error.id === ABANDONED) {
        return error.errors as ServerError[];
      }
      throw error;
    }
  }

  /** At most 255 characters; no two requests have the same. */
  private keyOf(
    documents: readonly DocumentRow[],
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

const ABANDONED = "batch.idempotency.abandoned";

/**
 * A whole document of a known id can be written again when it is not known
 * whether it was: it is the same document. So can an update.
 */
function mayGoAgain({ code, retryable }: ServerError): boolean {
  return retryable || code === "unknown_outcome";
}

/** An answer to the request as a whole that one of its documents may have caused. */
function isOfTheDocuments(error: unknown): error is ApiError {
  return (
    error instanceof ApiError && [400, 413, 422, 500].includes(error.status)
  );
}
