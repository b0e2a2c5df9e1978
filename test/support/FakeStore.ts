import {
  EngineError,
  type BulkDone,
  type BulkItem,
  type BulkPart,
  type CollectionDescription,
  type DocumentStore,
  type EngineAnswer,
  type GetPart,
} from "../../lib/core/ports/DocumentStore";
import type { Address, Failure, Source } from "../../lib/types";
import { RawSource } from "../../lib/core/RawSource";
import type { Refresh, SourceSelection } from "../../lib/core/commands";
import type { StoredDocument } from "../../lib/core/documents";
import type { Outcome } from "../../lib/core/outcome";
import { failureOf } from "./failures";

/** A call that the store was asked for, in the order of asking. */
export type StoreCall = GetCall | BulkCall | DescribeCall;

export interface GetCall {
  readonly kind: "getMany";
  readonly index: string;
  readonly addresses: readonly Address[];
  readonly source: SourceSelection;
  readonly isRaw: boolean;
}

export interface BulkCall {
  readonly kind: "bulk";
  readonly index: string;
  readonly collection: string;
  readonly items: readonly BulkItem[];
  readonly refresh: Refresh;
}

export interface DescribeCall {
  readonly kind: "describe";
}

/**
 * What becomes of a call or of an item of it; `undefined` is all well.
 * A failed call with `appliedLate` is one whose answer is lost: the engine goes
 * on with its items after that many further bulk calls, as a real one does.
 */
export interface Script {
  getCall?(call: GetCall): EngineError | undefined;
  getItem?(address: Address, call: GetCall): Failure | undefined;
  bulkCall?(
    call: BulkCall,
  ): { error: EngineError; appliedLate?: number } | undefined;
  bulkItem?(item: BulkItem, call: BulkCall): Failure | undefined;
  describe?(call: DescribeCall): CollectionDescription;
  /** the engine tells the size of its answers, unless this is false */
  tellsBytes?: boolean;
  /** how many turns of the event loop's microtasks a call takes */
  turns?(): number;
}

/** A write that took effect, in the order of taking effect. */
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
const NO_MAPPING: CollectionDescription = {
  uuid: "uuid",
  mappings: {},
  hasPipeline: false,
  ignoreMalformed: false,
};

const GONE = {
  ok: false,
  failure: failureOf("unavailable", 404),
} as const;

/** Documents in memory, behind the interface that the operations see. */
export class FakeStore implements DocumentStore {
  readonly calls: StoreCall[] = [];
  readonly applied: Applied[] = [];
  /** how many calls were under way together at most */
  busiest = 0;

  private readonly rows = new Map<string, Row>();
  /** versions of what was deleted, as the engine remembers them for a while */
  private readonly tombstones = new Map<string, number>();
  private nextSeqNo = 0;
  private underWay = 0;
  private late: Array<{ calls: number; apply: () => void }> = [];
  private uuid = NO_MAPPING.uuid;

  constructor(public script: Script = {}) {}

  get bulkCalls(): BulkCall[] {
    return this.calls.filter((call) => call.kind === "bulk");
  }

  get getCalls(): GetCall[] {
    return this.calls.filter((call) => call.kind === "getMany");
  }

  /** Every item that was sent, in the order of sending. */
  get sentItems(): BulkItem[] {
    return this.bulkCalls.flatMap(({ items }) => items);
  }

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

  /** As after `index.gc_deletes`. */
  forgetDeletions(): void {
    this.tombstones.clear();
  }

  /** What the engine was still busy with is done. */
  finishLateWork(): void {
    const late = this.late;
    this.late = [];
    late.forEach(({ apply }) => apply());
  }

  async getMany(
    parts: readonly GetPart[],
    source: SourceSelection,
    isRaw = false,
  ): Promise<EngineAnswer<StoredDocument | null>> {
    const { index } = parts[0] as GetPart;
    const addresses = addressesOf(parts);
    const call: GetCall = { kind: "getMany", index, addresses, source, isRaw };
    this.calls.push(call);
    return this.takeTurns(() => {
      const error = this.script.getCall?.(call);
      if (error !== undefined) {
        throw error;
      }
      const outcomes = addresses.map(
        (address): Outcome<StoredDocument | null> => {
          const failure = this.script.getItem?.(address, call);
          return failure === undefined
            ? { ok: true, value: this.read(address, source, isRaw) }
            : { ok: false, failure };
        },
      );
      return {
        outcomes,
        ...(this.script.tellsBytes !== false && {
          bytes: Buffer.byteLength(JSON.stringify(outcomes)),
        }),
      };
    });
  }

  async bulk(
    parts: readonly BulkPart[],
    refresh: Refresh,
  ): Promise<EngineAnswer<BulkDone>> {
    const { index, collection } = parts[0] as BulkPart;
    const items = parts.flatMap((part) => part.items);
    const call: BulkCall = { kind: "bulk", index, collection, items, refresh };
    const placed = parts.flatMap((part) =>
      part.items.map((item) => [part.collection, item] as const),
    );
    this.calls.push(call);
    return this.takeTurns(() => {
      this.goOnWithLateWork();
      const failed = this.script.bulkCall?.(call);
      if (failed !== undefined) {
        if (failed.appliedLate !== undefined) {
          this.late.push({
            calls: failed.appliedLate,
            apply: () =>
              placed.forEach(([place, item]) => this.write(place, item)),
          });
        }
        throw failed.error;
      }
      return {
        tookMs: 1,
        outcomes: placed.map(([place, item]) => {
          const failure = this.script.bulkItem?.(item, call);
          return failure === undefined
            ? this.write(place, item)
            : { ok: false, failure };
        }),
      };
    });
  }

  /** As `getMany`, but without a script of its own; sources byte for byte. */
  async getRaw(parts: readonly GetPart[]) {
    const addresses = addressesOf(parts);
    return this.takeTurns(() => ({
      outcomes: addresses.map(({ collection, _id }) => {
        const row = this.rows.get(key(collection, _id));
        const value =
          row === undefined
            ? null
            : {
                sourceText: row.text,
                version: row.version,
                seqNo: row.seqNo,
                primaryTerm: PRIMARY_TERM,
              };
        return { ok: true as const, value };
      }),
    }));
  }

  /** Whether work is left of a call whose answer was lost. */
  async isBulkRunning(): Promise<boolean> {
    return this.late.length > 0;
  }

  async describe(): Promise<CollectionDescription> {
    const call: DescribeCall = { kind: "describe" };
    this.calls.push(call);
    return this.script.describe?.(call) ?? NO_MAPPING;
  }

  async pin(): Promise<CollectionDescription> {
    return { ...(await this.describe()), uuid: this.uuid };
  }

  pinnedTo(uuids: ReadonlyMap<string, string>): DocumentStore {
    const [uuid] = uuids.values();
    const ifThere = <T>(
      items: readonly unknown[],
      call: () => Promise<EngineAnswer<T>>,
    ): Promise<EngineAnswer<T>> =>
      uuid === this.uuid
        ? call()
        : Promise.resolve({ outcomes: items.map(() => GONE) });
    return {
      getMany: (parts, ...args) =>
        ifThere(addressesOf(parts), () => this.getMany(parts, ...args)),
      getRaw: (parts) => ifThere(addressesOf(parts), () => this.getRaw(parts)),
      bulk: (parts, refresh) =>
        ifThere(
          parts.flatMap(({ items }) => items),
          () => this.bulk(parts, refresh),
        ),
      isBulkRunning: () => this.isBulkRunning(),
      describe: () => this.describe(),
      pin: () => this.pin(),
      pinnedTo: (others) => this.pinnedTo(others),
    };
  }

  /** Deletes all collections, and creates them anew: versions start again. */
  createAnew(): void {
    this.uuid += " again";
    this.rows.clear();
    this.tombstones.clear();
    this.nextSeqNo = 0;
  }

  private async takeTurns<T>(answer: () => T): Promise<T> {
    this.underWay++;
    this.busiest = Math.max(this.busiest, this.underWay);
    try {
      for (let left = this.script.turns?.() ?? 1; left > 0; left--) {
        await Promise.resolve();
      }
      return answer();
    } finally {
      this.underWay--;
    }
  }

  private goOnWithLateWork(): void {
    const due = this.late.filter((each) => each.calls-- <= 0);
    this.late = this.late.filter((each) => !due.includes(each));
    due.forEach(({ apply }) => apply());
  }

  private read(
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

  private write(collection: string, item: BulkItem): Outcome<BulkDone> {
    const row = this.rows.get(key(collection, item._id));

    const { upsert } =
      item.operation === "update" && row === undefined
        ? (JSON.parse(item.payload) as { upsert?: Source })
        : {};
    if (upsert !== undefined) {
      return { ok: true, value: this.update(collection, item, upsert) };
    }
    // with a condition, the deletion of what is not there conflicts
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

  /** The engine answers the source of what it has put together itself. */
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

function addressesOf(parts: readonly GetPart[]): Address[] {
  return parts.flatMap(({ addresses }) => addresses);
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
