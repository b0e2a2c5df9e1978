import { setTimeout as sleep } from "node:timers/promises";

import { ApiError, type Call } from "../connection/connection";
import type { Persistent } from "../connection/Persistent";
import type { RequestedLine } from "./ids";

/** What became of some ids: lines for the three files, in their order. */
export interface GetOutcome {
  readonly found: readonly string[];
  readonly notFound: readonly string[];
  readonly errors: readonly string[];
}

export interface GetTarget {
  readonly index: string;
  /** undefined: looked up in every collection that may be read */
  readonly collection: string | undefined;
  /** `source` and `sourceExcludes` */
  readonly args: Readonly<Record<string, string>>;
}

interface Answer {
  readonly documents: readonly object[];
  readonly not_found: readonly AnsweredAddress[];
  readonly errors: readonly AnswerError[];
  readonly unprocessed: readonly AnsweredAddress[];
}

type AnsweredAddress =
  string | { readonly _id: string; readonly collection?: string };

interface AnswerError {
  readonly position: number;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly collection?: string;
}

type Asked = Exclude<RequestedLine, { defect: string }>;

const MAX_ATTEMPTS = 5;
const FIRST_WAIT_MS = 250;
const MAX_REFUSED_REQUESTS = 60;

/** Asks for ids until each has an answer. */
export class Getter {
  constructor(
    private readonly persistent: Persistent,
    private readonly target: GetTarget,
    private readonly wait: (ms: number) => Promise<unknown> = sleep,
  ) {}

  async get(lines: readonly RequestedLine[]): Promise<GetOutcome> {
    const found: string[] = [];
    const notFound: string[] = [];
    const errors: ErrorLine[] = lines.flatMap(defectLine);
    let open = lines.filter((each): each is Asked => !("defect" in each));
    for (let attempt = 0; open.length > 0; attempt++) {
      const answer = await this.askAll(open, { refused: 0 });
      found.push(...answer.documents.map((each) => JSON.stringify(each)));
      notFound.push(...answer.not_found.map(asLine));
      const again = new Set<Asked>();
      for (const error of answer.errors) {
        const requested = open[error.position] as Asked;
        if (error.retryable && attempt < MAX_ATTEMPTS) again.add(requested);
        else errors.push(errorLine(error, requested));
      }
      if (again.size > 0) await this.wait(FIRST_WAIT_MS * 2 ** attempt);
      const left = new Set(answer.unprocessed.map(keyOf));
      open = open.filter((each) => again.has(each) || left.has(keyOf(each)));
    }
    errors.sort((one, other) => one.line - other.line);
    return { found, notFound, errors: errors.map(({ text }) => text) };
  }

  /** A collection that is not there, or may not be read, spoils no other. */
  private async askAll(
    requested: readonly Asked[],
    account: { refused: number },
  ): Promise<Answer> {
    try {
      return await this.ask(requested);
    } catch (error) {
      if (!isOfTheAddresses(error, requested)) throw error;
      account.refused += 1;
      if (account.refused > MAX_REFUSED_REQUESTS) throw error;
      if (requested.length === 1) return refusedAnswer(error);
      const half = Math.ceil(requested.length / 2);
      const one = await this.askAll(requested.slice(0, half), account);
      const other = await this.askAll(requested.slice(half), account);
      return merged(one, other, half);
    }
  }

  private async ask(requested: readonly Asked[]): Promise<Answer> {
    const { index, collection, args } = this.target;
    const path =
      collection === undefined
        ? "/_/batch/:index/_batchGet"
        : "/_/batch/:index/:collection/_batchGet";
    const body = requested.some((each) => each.collection !== undefined)
      ? { documents: requested.map(addressOf) }
      : { ids: requested.map(({ _id }) => _id) };
    const call: Call = {
      controller: "batch",
      action: "batchGet",
      http: { method: "POST", path },
      index,
      ...(collection !== undefined && { collection }),
      args,
      body: Buffer.from(JSON.stringify(body)),
    };
    return (await this.persistent.call(call)) as Answer;
  }
}

/** Refused as a whole for a collection in a line, or for too many look-ups. */
function isOfTheAddresses(
  error: unknown,
  requested: readonly Asked[],
): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  const hasCollections = requested.some(({ collection }) => collection);
  return (
    (error.status === 413 && requested.length > 1) ||
    (hasCollections && [400, 403, 412].includes(error.status))
  );
}

function refusedAnswer({ status, message: reason }: ApiError): Answer {
  const code = status === 403 ? "forbidden" : "other";
  return {
    ...{ documents: [], not_found: [], unprocessed: [] },
    errors: [{ position: 0, status, code, reason, retryable: false }],
  };
}

/** @param offset where the other's positions begin */
function merged(one: Answer, other: Answer, offset: number): Answer {
  return {
    documents: [...one.documents, ...other.documents],
    not_found: [...one.not_found, ...other.not_found],
    errors: [
      ...one.errors,
      ...other.errors.map((each) => ({
        ...each,
        position: each.position + offset,
      })),
    ],
    unprocessed: [...one.unprocessed, ...other.unprocessed],
  };
}

function addressOf({ _id, collection }: Asked): object {
  return { _id, ...(collection !== undefined && { collection }) };
}

/** A line that can be asked for again. */
function asLine(entry: AnsweredAddress): string {
  const isPlain = typeof entry === "string" && !/^[\s{]|[\s\r\n]/.test(entry);
  return isPlain
    ? entry
    : JSON.stringify(typeof entry === "string" ? { _id: entry } : entry);
}

interface ErrorLine {
  readonly line: number;
  readonly text: string;
}

function errorLine(error: AnswerError, requested: Asked): ErrorLine {
  const { code, status, reason, collection } = error;
  const { line } = requested;
  const place = { ...addressOf(requested), ...(collection && { collection }) };
  const text = JSON.stringify({ ...place, line, code, status, reason });
  return { line, text };
}

function defectLine(requested: RequestedLine): ErrorLine[] {
  if (!("defect" in requested)) return [];
  const { line, text: _id, defect: reason } = requested;
  const text = JSON.stringify({ _id, line, code: "invalid", reason });
  return [{ line, text }];
}

/** Tells one address from another, asked or answered. */
function keyOf(requested: AnsweredAddress): string {
  if (typeof requested === "string") return JSON.stringify([requested]);
  const { _id, collection } = requested;
  return JSON.stringify(collection === undefined ? [_id] : [_id, collection]);
}
