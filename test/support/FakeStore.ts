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
import type { Refresh, SourceSelection } from "../../lib/core/commands";
import type { StoredDocument } from "../../lib/core/documents";
import type { Outcome } from "../../lib/core/outcome";
import { FakeDocuments, type Applied } from "./FakeDocuments";
import { failureOf } from "./failures";

/** A call to the store, in the order of the calls. */
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
 * What happens to a call or to an item of it; `undefined` means success. A failed call with
 * `appliedLate` has lost its response: the engine goes on with its items after that many
 * further bulk calls, as a real one does.
 */
export interface Script {
  getCall?(call: GetCall): EngineError | undefined;
  getItem?(address: Address, call: GetCall): Failure | undefined;
  bulkCall?(
    call: BulkCall,
  ): { error: EngineError; appliedLate?: number } | undefined;
  bulkItem?(item: BulkItem, call: BulkCall): Failure | undefined;
  describe?(call: DescribeCall): CollectionDescription;
  /** the engine reports the size of its responses, unless this is false */
  tellsBytes?: boolean;
  /** how many microtask turns a call takes */
  turns?(): number;
}

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

/** An engine with its documents in memory, behind the interface that the operations use. */
export class FakeStore implements DocumentStore {
  readonly calls: StoreCall[] = [];
  private readonly documents = new FakeDocuments();
  /** the maximum number of concurrent calls */
  busiest = 0;

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

  get applied(): readonly Applied[] {
    return this.documents.applied;
  }

  /** Every item that was sent, in the order of sending. */
  get sentItems(): BulkItem[] {
    return this.bulkCalls.flatMap(({ items }) => items);
  }

  put(collection: string, _id: string, source: Source): void {
    this.documents.put(collection, _id, source);
  }

  remove(collection: string, _id: string): BulkDone {
    return this.documents.remove(collection, _id);
  }

  sourceOf(collection: string, _id: string): Source | undefined {
    return this.documents.sourceOf(collection, _id);
  }

  /** As a pipeline does during a write. */
  changeText(collection: string, _id: string, text: string): void {
    this.documents.changeText(collection, _id, text);
  }

  /** As after `index.gc_deletes`. */
  forgetDeletions(): void {
    this.documents.forgetDeletions();
  }

  /** Completes what the engine was still busy with. */
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
            ? { ok: true, value: this.documents.read(address, source, isRaw) }
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
              placed.forEach(([place, item]) =>
                this.documents.write(place, item),
              ),
          });
        }
        throw failed.error;
      }
      return {
        tookMs: 1,
        outcomes: placed.map(([place, item]) => {
          const failure = this.script.bulkItem?.(item, call);
          return failure === undefined
            ? this.documents.write(place, item)
            : { ok: false, failure };
        }),
      };
    });
  }

  /** Like `getMany`, but without a script of its own; sources byte for byte. */
  async getRaw(parts: readonly GetPart[]) {
    const addresses = addressesOf(parts);
    return this.takeTurns(() => ({
      outcomes: addresses.map((address) => ({
        ok: true as const,
        value: this.documents.readRaw(address),
      })),
    }));
  }

  /** Collections that were refreshed, by call. */
  readonly refreshed: (readonly string[])[] = [];

  async refresh(_: string, collections: readonly string[]): Promise<void> {
    this.refreshed.push(collections);
  }

  /** Whether work remains of a call whose response was lost. */
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
      refresh: (...args) => this.refresh(...args),
      isBulkRunning: () => this.isBulkRunning(),
      describe: () => this.describe(),
      pin: () => this.pin(),
      pinnedTo: (others) => this.pinnedTo(others),
    };
  }

  /** Deletes all collections and creates them again: versions start again. */
  createAnew(): void {
    this.uuid += " again";
    this.documents.clear();
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
}

function addressesOf(parts: readonly GetPart[]): Address[] {
  return parts.flatMap(({ addresses }) => addresses);
}
