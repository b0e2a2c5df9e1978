import type {
  BulkDone,
  BulkItem,
  RawDocument,
} from "../../lib/core/ports/DocumentStore";
import type { Address, Source } from "../../lib/types";
import { RawSource } from "../../lib/core/RawSource";
import type { SourceSelection } from "../../lib/core/commands";
import type { StoredDocument } from "../../lib/core/documents";
import type { Outcome } from "../../lib/core/outcome";
import { failureOf } from "./failures";

/** A write that took effect, in that order. */
export interface Applied {
  readonly _id: string;
  readonly payload: Source;
}

interface Row {
  source: Source;
  /** the source as it was sent */
  text: string;
  version: number;
  seqNo: number;
}

const PRIMARY_TERM = 1;
/** Documents in memory, with the versions that the engine would assign. */
export class FakeDocuments {
  readonly applied: Applied[] = [];
  private readonly rows = new Map<string, Row>();
  /** versions of deleted documents, as the engine remembers them for a while */
  private readonly tombstones = new Map<string, number>();
  private nextSeqNo = 0;

  put(collection: string, _id: string, source: Source): void {
    const payload = JSON.stringify(source);
    this.apply(collection, { operation: "index", _id, payload }, source);
    this.applied.length = 0;
  }

  remove(collection: string, _id: string): BulkDone {
    const version = this.nextVersion(collection, _id);
    this.rows.delete(key(collection, _id));
    this.tombstones.set(key(collection, _id), version);
    return {
      _version: version,
      _seq_no: this.nextSeqNo++,
      _primary_term: PRIMARY_TERM,
      _shards: { total: 2, successful: 1, failed: 0 },
      result: "deleted",
      status: 200,
    };
  }

  sourceOf(collection: string, _id: string): Source | undefined {
    return this.rows.get(key(collection, _id))?.source;
  }

  /** As a pipeline does during a write. */
  changeText(collection: string, _id: string, text: string): void {
    const row = this.rows.get(key(collection, _id));
    if (row !== undefined) row.text = text;
  }

  /** As after `index.gc_deletes`. */
  forgetDeletions(): void {
    this.tombstones.clear();
  }

  /** Deletes all documents: versions start again. */
  clear(): void {
    this.rows.clear();
    this.tombstones.clear();
    this.nextSeqNo = 0;
  }

  read(
    { collection, _id }: Address,
    source: SourceSelection,
    isRaw: boolean,
  ): StoredDocument | null {
    const row = this.rows.get(key(collection, _id));
    return row === undefined
      ? null
      : {
          _id,
          ...(source.kind !== "none" && {
            _source: isRaw ? rawSource(row.text) : row.source,
          }),
          _version: row.version,
          _seq_no: row.seqNo,
          _primary_term: PRIMARY_TERM,
        };
  }

  readRaw({ collection, _id }: Address): RawDocument | null {
    const row = this.rows.get(key(collection, _id));
    return row === undefined
      ? null
      : {
          sourceText: row.text,
          version: row.version,
          seqNo: row.seqNo,
          primaryTerm: PRIMARY_TERM,
        };
  }

  /** What a bulk does with an item. */
  write(collection: string, item: BulkItem): Outcome<BulkDone> {
    const row = this.rows.get(key(collection, item._id));

    const { upsert } =
      item.operation === "update" && row === undefined
        ? (JSON.parse(item.payload) as { upsert?: Source })
        : {};
    if (upsert !== undefined) {
      return { ok: true, value: this.update(collection, item, upsert) };
    }
    // with a condition, the deletion of a missing document conflicts
    const needsRow =
      item.operation === "update" ||
      (isDelete(item) && item.precondition === undefined);
    if (needsRow && row === undefined) {
      return { ok: false, failure: failureOf("not_found") };
    }
    const isBroken =
      item.operation === "create"
        ? row !== undefined
        : item.precondition !== undefined &&
          row?.seqNo !== item.precondition.ifSeqNo;
    if (isBroken) {
      return { ok: false, failure: failureOf("version_conflict") };
    }
    if (isDelete(item)) {
      return { ok: true, value: this.remove(collection, item._id) };
    }
    const payload = JSON.parse(item.payload) as Source;
    if (item.operation !== "update") {
      return { ok: true, value: this.apply(collection, item, payload) };
    }
    const source = { ...row?.source, ...(payload.doc as Source) };
    return { ok: true, value: this.update(collection, item, source) };
  }

  /** The engine returns a source that it has merged itself. */
  private update(collection: string, item: BulkItem, source: Source): BulkDone {
    const done = this.apply(collection, item, source);
    const { _source } = JSON.parse(item.payload) as { _source: boolean };
    return _source ? { ...done, _source: source } : done;
  }

  private nextVersion(collection: string, _id: string): number {
    const address = key(collection, _id);
    const { version } = this.rows.get(address) ?? {};
    return (version ?? this.tombstones.get(address) ?? 0) + 1;
  }

  private apply(collection: string, item: BulkItem, source: Source): BulkDone {
    const row = this.rows.get(key(collection, item._id));
    const version = this.nextVersion(collection, item._id);
    const seqNo = this.nextSeqNo++;
    const text =
      item.operation === "update" ? JSON.stringify(source) : item.payload;
    this.rows.set(key(collection, item._id), { source, text, version, seqNo });
    this.applied.push({ _id: item._id, payload: source });
    return {
      _version: version,
      _seq_no: seqNo,
      _primary_term: PRIMARY_TERM,
      _shards: { total: 2, successful: 1, failed: 0 },
      result: row === undefined ? "created" : "updated",
      status: row === undefined ? 201 : 200,
    };
  }
}

function isDelete({ operation }: BulkItem): boolean {
  return (operation as string) === "delete";
}

function key(collection: string, _id: string): string {
  return `${collection}\0${_id}`;
}

function rawSource(text: string): RawSource {
  const bytes = Buffer.from(text);
  return new RawSource(bytes, 0, bytes.length);
}
