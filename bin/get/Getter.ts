import {
  backoffMs,
  SYSTEM_CLOCK,
  type Clock,
} from "../../client/transport/clock";
import { ApiError, type Call } from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { requestInParts } from "../connection/requestInParts";
import type { RequestedLine } from "./ids";

/** The results of some ids, in order; `notFound` and `errors` as lines for a file. */
export interface GetOutcome {
  readonly found: readonly FoundDocument[];
  readonly notFound: readonly string[];
  readonly errors: readonly string[];
}

export interface GetTarget {
  readonly index: string;
  /** undefined: every collection that the user may read */
  readonly collection: string | undefined;
  /** `source` and `sourceExcludes` */
  readonly args: Readonly<Record<string, string>>;
}

interface GetResponse {
  readonly documents: readonly FoundDocument[];
  readonly not_found: readonly Address[];
  readonly errors: readonly ResponseError[];
  readonly unprocessed: readonly Address[];
}

/** It has `_source` if a pipe of the application made the document. */
export interface FoundDocument {
  readonly _id: string;
  readonly json?: string;
  readonly _source?: object;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

type Address = string | { readonly _id: string; readonly collection?: string };

interface ResponseError {
  readonly position: number;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly collection?: string;
}

type Valid = Exclude<RequestedLine, { error: string }>;

const MAX_RETRIES = 5;

/** Requests ids until each has a result. */
export class Getter {
  constructor(
    private readonly reliable: ReliableConnection,
    private readonly target: GetTarget,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  async get(lines: readonly RequestedLine[]): Promise<GetOutcome> {
    const found: FoundDocument[] = [];
    const notFound: string[] = [];
    const errors: ErrorLine[] = lines.flatMap(invalidLine);
    let pending = lines.filter((each): each is Valid => !("error" in each));
    for (let attempt = 0; pending.length > 0; attempt++) {
      const again = new Set<Valid>();
      const left = new Set<string>();
      // an unknown or forbidden collection on one line must not fail the other lines
      const parts = await requestInParts(
        pending,
        (some) => this.request(some),
        isAboutOneAddress,
      );
      for (const part of parts) {
        const response = "error" in part ? asResponse(part.error) : part.result;
        found.push(...response.documents);
        for (const each of response.not_found) notFound.push(asLine(each));
        for (const error of response.errors) {
          const requested = part.items[error.position] as Valid;
          if (error.retryable && attempt < MAX_RETRIES) again.add(requested);
          else errors.push(errorLine(error, requested));
        }
        for (const each of response.unprocessed) left.add(keyOf(each));
      }
      pending = pending.filter(
        (each) => again.has(each) || left.has(keyOf(each)),
      );
      if (again.size > 0) {
        await this.clock.sleep(backoffMs(attempt, this.clock));
      }
    }
    errors.sort((one, other) => one.line - other.line);
    return { found, notFound, errors: errors.map(({ text }) => text) };
  }

  private async request(lines: readonly Valid[]): Promise<GetResponse> {
    const { index, collection, args } = this.target;
    const path =
      collection === undefined
        ? "/_/batch/:index/_batchGet"
        : "/_/batch/:index/:collection/_batchGet";
    const body = lines.some((each) => each.collection !== undefined)
      ? { documents: lines.map(addressOf) }
      : { ids: lines.map(({ _id }) => _id) };
    const call: Call = {
      controller: "batch",
      action: "batchGet",
      http: { method: "POST", path },
      index,
      ...(collection !== undefined && { collection }),
      args: { ...args, json: "true" },
      body: Buffer.from(JSON.stringify(body)),
    };
    return (await this.reliable.call(call)) as GetResponse;
  }
}

/**
 * An error of the whole request, caused by the collection of one line or by too many
 * reads.
 */
function isAboutOneAddress(
  error: unknown,
  lines: readonly Valid[],
): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  const hasCollections = lines.some(({ collection }) => collection);
  return (
    (error.status === 413 && lines.length > 1) ||
    (hasCollections && [400, 403, 412].includes(error.status))
  );
}

function asResponse({ status, message: reason }: ApiError): GetResponse {
  const code = status === 403 ? "forbidden" : "other";
  return {
    ...{ documents: [], not_found: [], unprocessed: [] },
    errors: [{ position: 0, status, code, reason, retryable: false }],
  };
}

function addressOf({ _id, collection }: Valid): object {
  return { _id, ...(collection !== undefined && { collection }) };
}

/** A document on one line, with its content as Elasticsearch stores it. */
export function foundLine(document: FoundDocument): string {
  const members = Object.entries(document).map(([name, value]) =>
    name === "json"
      ? `"_source":${String(value).replace(/[\r\n]/g, " ")}`
      : `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{${members.join(",")}}`;
}

/** A line that `--ids` can read. */
function asLine(entry: Address): string {
  const isPlain = typeof entry === "string" && !/^[\s{]|[\s\r\n]/.test(entry);
  return isPlain
    ? entry
    : JSON.stringify(typeof entry === "string" ? { _id: entry } : entry);
}

interface ErrorLine {
  readonly line: number;
  readonly text: string;
}

function errorLine(error: ResponseError, requested: Valid): ErrorLine {
  const { code, status, reason, collection } = error;
  const { line } = requested;
  const place = { ...addressOf(requested), ...(collection && { collection }) };
  const text = JSON.stringify({ ...place, line, code, status, reason });
  return { line, text };
}

function invalidLine(requested: RequestedLine): ErrorLine[] {
  if (!("error" in requested)) return [];
  const { line, text: _id, error: reason } = requested;
  const text = JSON.stringify({ _id, line, code: "invalid", reason });
  return [{ line, text }];
}

/** Equal for equal addresses, requested or found. */
function keyOf(requested: Address): string {
  if (typeof requested === "string") return JSON.stringify([requested]);
  const { _id, collection } = requested;
  return JSON.stringify(collection === undefined ? [_id] : [_id, collection]);
}
