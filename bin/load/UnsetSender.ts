import {
  backoffMs,
  SYSTEM_CLOCK,
  type Clock,
} from "../../client/transport/clock";
import {
  type Chunk,
  Splitter,
  type TooLarge,
} from "../../client/transport/split";
import {
  membersOf,
  withChanges,
  withMember,
  withoutMember,
} from "../../lib/core/validation/jsonObject";
import type { FailureCode } from "../../lib/types";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { type FoundDocument, Getter } from "../get/Getter";
import { wireOf } from "../input/rows";
import type {
  DocumentError,
  Sender,
  SendOutcome,
  Target,
  Unset,
} from "./Sender";
import { withoutFields } from "./withoutFields";
import { BODY_BYTES, type SentRow } from "./wrap";

/** What a request adds to the row of a document: `,"ifSeqNo":…,"ifPrimaryTerm":…` */
const CONDITION_BYTES = 80;

const ME = {
  controller: "auth",
  action: "getCurrentUser",
  http: { method: "GET", path: "/users/_me" },
} as const;

/**
 * Removes fields, which no partial update can do: each document is read, changed as
 * text, and written as a whole if nobody has modified it since; otherwise it is read
 * again. A document that needs no change is not written, so what was sent before a
 * crash may be sent again.
 *
 * It uses `mWrite` rather than `document:mReplace`, which would set the author to the
 * user of the command and the creation time to now.
 */
export class UnsetSender {
  private readonly getter: Getter;
  private me: Promise<string> | undefined;

  /**
   * @param writer for `mWrite`
   * @param maxBytes bytes of the body of a request
   */
  constructor(
    private readonly reliable: ReliableConnection,
    private readonly writer: Sender,
    { index, collection }: Pick<Target, "index" | "collection">,
    private readonly unset: Unset,
    private readonly maxBytes: number,
    private readonly clock: Clock = SYSTEM_CLOCK,
    private readonly now: () => number = Date.now,
  ) {
    this.getter = new Getter(reliable, { index, collection, args: {} }, clock);
  }

  /** @throws errors that end the whole update, as in `Sender` */
  async send(rows: readonly SentRow[]): Promise<SendOutcome> {
    const { retries } = this.unset;
    const failed = new Map<number, DocumentError>();
    let pending = rows;
    for (let attempt = 0; pending.length > 0; attempt++) {
      const conflicts = await this.attempt(pending, failed);
      if (attempt === retries) break;
      pending = pending.filter(({ row }) => conflicts.has(row));
      for (const row of conflicts) failed.delete(row);
      if (pending.length > 0) {
        await this.clock.sleep(backoffMs(attempt, this.clock));
      }
    }
    return { done: rows.length - failed.size, failed };
  }

  /** @returns the rows whose documents were modified concurrently */
  private async attempt(
    rows: readonly SentRow[],
    failed: Map<number, DocumentError>,
  ): Promise<ReadonlySet<number>> {
    const conflicts = new Set<number>();
    const changed: SentRow[] = [];
    for (const [row, document] of await this.read(rows, failed)) {
      const wire = await this.changedWire(row, document);
      if (Buffer.isBuffer(wire)) changed.push({ row: row.row, wire });
      else if (wire !== undefined) failed.set(row.row, wire);
    }
    for (const part of this.split(changed)) {
      if (part.kind === "too_large") {
        failed.set(part.item.row, this.tooLarge(part));
        continue;
      }
      const outcome = await this.writer.send(part.items);
      for (const [row, error] of outcome.failed) {
        failed.set(row, error);
        if (MAY_BE_READ_ANEW.has(error.code)) conflicts.add(row);
      }
    }
    return conflicts;
  }

  /** Returns the documents that exist, and records the others. */
  private async read(
    rows: readonly SentRow[],
    failed: Map<number, DocumentError>,
  ): Promise<ReadonlyArray<readonly [SentRow, FoundDocument]>> {
    const ids = rows.map((row) => idOf(row));
    const { found, errors } = await this.getter.get(
      rows.map(({ row }, i) => ({ line: row, _id: ids[i] as string })),
    );
    for (const text of errors) {
      const { line, ...error } = JSON.parse(text) as DocumentError & {
        readonly line: number;
      };
      const { code, status, reason } = error;
      failed.set(line, { code, status, reason });
    }
    const byId = new Map(found.map((each) => [each._id, each]));
    return rows.flatMap((row, i) => {
      const document = byId.get(ids[i] as string);
      if (document !== undefined) return [[row, document] as const];
      if (!failed.has(row.row)) failed.set(row.row, NOT_FOUND);
      return [];
    });
  }

  /** @returns undefined if the document needs no change */
  private async changedWire(
    row: SentRow,
    { _id, json, _seq_no, _primary_term }: FoundDocument,
  ): Promise<Buffer | DocumentError | undefined> {
    // made by a pipe of the application for display, not for storage
    if (json === undefined) return CHANGED_BY_PIPE;
    const changes = changesOf(row);
    const merged =
      membersOf(changes).size > 0 ? withChanges(json, changes) : json;
    const text = withoutFields(merged, this.unset.fields);
    if (text === json) return undefined;
    const maxBytes = this.maxBytes - BODY_BYTES - CONDITION_BYTES;
    const wire = wireOf(_id, await this.stamped(text), maxBytes);
    const end = `,"ifSeqNo":${_seq_no},"ifPrimaryTerm":${_primary_term}}`;
    return Buffer.concat([wire.subarray(0, -1), Buffer.from(end)]);
  }

  /** Kuzzle's metadata name the last author of a document, as after an update. */
  private async stamped(text: string): Promise<string> {
    const info = membersOf(text).get(INFO);
    if (info?.startsWith("{") !== true) return text;
    this.me ??= this.reliable.call(ME).then((user) => (user as User)._id);
    const stamp = { updatedAt: this.now(), updater: await this.me };
    return withMember(
      withoutMember(text, INFO),
      INFO,
      withChanges(info, JSON.stringify(stamp)),
    );
  }

  /** A document is larger than the row that requests it. */
  private split(
    rows: readonly SentRow[],
  ): (Chunk<SentRow> | TooLarge<SentRow>)[] {
    const splitter = new Splitter<SentRow>(
      { maxBytes: this.maxBytes, envelopeBytes: BODY_BYTES },
      ({ wire }) => wire.length,
    );
    const full = rows.flatMap((row) => splitter.push(row));
    return [...full, ...splitter.flush()];
  }

  private tooLarge({ bytes }: TooLarge<SentRow>): DocumentError {
    return {
      code: "too_large",
      reason: `A request with the document has ${bytes} bytes; ${this.maxBytes} are allowed.`,
      status: 413,
    };
  }
}

interface User {
  readonly _id: string;
}

const INFO = "_kuzzle_info";

const MAY_BE_READ_ANEW: ReadonlySet<FailureCode> = new Set([
  "version_conflict",
  "unknown_outcome",
]);

const NOT_FOUND: DocumentError = {
  code: "not_found",
  reason: "document not found",
  status: 404,
};

const CHANGED_BY_PIPE: DocumentError = {
  code: "other",
  reason:
    "A pipe of the application changes the document when it is read, so that it cannot be written back.",
  status: 400,
};

function idOf({ wire }: SentRow): string {
  return (JSON.parse(wire.toString()) as { _id: string })._id;
}

/** The row's own changes, as text. */
function changesOf({ wire }: SentRow): string {
  const { json, body } = JSON.parse(wire.toString()) as {
    readonly json?: string;
    readonly body?: object;
  };
  return json ?? JSON.stringify(body);
}
