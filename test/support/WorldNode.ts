import type { AtomicContext } from "../../lib/core/atomic/AtomicContext";
import {
  createExecutionContext,
  type Clock,
} from "../../lib/core/ExecutionContext";
import {
  EngineError,
  type BulkDone,
  type BulkPart,
  type CollectionDescription,
  type DocumentStore,
  type EngineAnswer,
  type GetPart,
} from "../../lib/core/ports/DocumentStore";
import type { JournalStore } from "../../lib/core/ports/JournalStore";
import type { Refresh } from "../../lib/core/commands";
import type { AtomicWorld, BulkCall } from "./AtomicWorld";
import { failureOf } from "./failures";
import { seededRandom } from "./testEngine";

/** What goes wrong with the n-th call of a node. */
export type Fault =
  /** the node dies before the engine receives it, or afterwards */
  | "die before"
  | "die after"
  /** the engine executes it, but the response is lost */
  | "lost answer"
  /** the engine rejects it without doing anything */
  | "unavailable";

/** A node whose calls fail as its faults define. */
export class WorldNode {
  readonly tools: AtomicContext;
  isDead = false;
  private calls = 0;

  constructor(
    readonly name: string,
    private readonly world: AtomicWorld,
    private readonly faults: ReadonlyMap<number, Fault>,
    times: AtomicContext["times"],
  ) {
    const clock: Clock = {
      now: () => world.now,
      sleep: async (ms) => {
        world.now += ms;
        await world.yield(`${name} sleeps`);
      },
      alarm: () => undefined,
      endOfTurn: (ring) => ring(),
    };
    this.tools = {
      execution: createExecutionContext(
        this.store(),
        {
          readChunkDocuments: 2,
          writeChunkDocuments: 2,
          writeChunkBytes: 1_000,
          minConcurrency: 1,
          maxConcurrency: 2,
          maxQueueMs: 10_000,
          maxRetries: 1,
          retryBaseDelayMs: 1,
          retryMaxDelayMs: 1,
        },
        clock,
        seededRandom(1),
      ),
      journals: this.journalStore(),
      times,
      maxJournalBytes: 1_000,
      nodeId: name,
      epoch: () => world.now,
    };
  }

  private store(): DocumentStore {
    const { world } = this;
    const store: DocumentStore = {
      getMany: () => Promise.reject(new Error("not used here")),
      pinnedTo: () => store,
      pin: () => store.describe("", ""),
      describe: async (): Promise<CollectionDescription> => ({
        uuid: "uuid",
        mappings: {},
        hasPipeline: false,
        ignoreMalformed: false,
      }),
      getRaw: (parts: readonly GetPart[]) =>
        this.call("read", "read", async () => ({
          outcomes: parts
            .flatMap(({ addresses }) => addresses)
            .map(({ _id }) => ({ ok: true as const, value: world.read(_id) })),
        })),
      // atomic batches contain each document once
      refresh: () => Promise.reject(new Error("not needed")),
      isBulkRunning: (opaqueIds: readonly string[]) =>
        this.call("tasks", "read", async () =>
          opaqueIds.some((id) => world.isRunning(id)),
        ),
      bulk: async (
        parts: readonly BulkPart[],
        _refresh: Refresh,
        opaqueId = "",
      ): Promise<EngineAnswer<BulkDone>> => {
        const isHealthy = this.faults.size === 0;
        const call: BulkCall = { isHeard: false, isHealthy };
        const answer = await this.call("bulk", "write", async () => ({
          outcomes: await world.runBulk(
            parts.flatMap(({ items }) => items),
            opaqueId,
            call,
          ),
        }));
        call.isHeard = true;
        return answer;
      },
    };
    return store;
  }

  private journalStore(): JournalStore {
    const { journals } = this.world;
    return {
      create: (journal) =>
        this.call("create", "write", () => journals.create(journal)),
      replace: (journal, version) =>
        this.call("replace", "write", () => journals.replace(journal, version)),
      read: (id) => this.call("look", "read", () => journals.read(id)),
      findRivals: (journal, hashes) =>
        this.call("rivals", "read", () => journals.findRivals(journal, hashes)),
      findAbandoned: (now, except) =>
        this.call("abandoned", "read", () =>
          journals.findAbandoned(now, except),
        ),
      findRechecks: (now, except) =>
        this.call("rechecks", "read", () => journals.findRechecks(now, except)),
      removeFinished: (now) =>
        this.call("finished", "write", () => journals.removeFinished(now)),
      pending: () => this.call("pending", "read", () => journals.pending()),
      remove: (id, version) =>
        this.call("remove", "write", () => journals.remove(id, version)),
    };
  }

  private async call<T>(
    name: string,
    kind: "read" | "write",
    effect: () => Promise<T>,
  ): Promise<T> {
    const { world } = this;
    const fault = this.isDead ? "die before" : this.faults.get(this.calls++);
    const label = `${this.name} ${name}`;

    if (fault === "die before") {
      return this.die();
    }
    await world.yield(label);
    if (fault === "unavailable") {
      throw new EngineError(failureOf("unavailable"), false);
    }
    const answer = effect();
    if (fault === "die after") {
      void answer.catch(() => undefined);
      return this.die();
    }
    if (fault === "lost answer") {
      void answer.catch(() => undefined);
      await world.yield(`${label} is lost`);
      throw new EngineError(
        failureOf(kind === "read" ? "unavailable" : "unknown_outcome"),
        false,
      );
    }
    const value = await answer;
    await world.yield(`${label} is answered`);
    return value;
  }

  private die(): Promise<never> {
    this.isDead = true;
    return new Promise(() => undefined);
  }
}
