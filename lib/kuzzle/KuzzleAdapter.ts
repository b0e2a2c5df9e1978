import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";
import { randomUUID } from "node:crypto";

import type { EngineTransport } from "../elasticsearch/transport";
import { KuzzleCache } from "./KuzzleCache";
import { RawResponder, type EntryPoint } from "./RawResponder";

/**
 * The parts of a running Kuzzle that plugins are given no way to, in one
 * place. Read in Kuzzle 2.56; `test/unit/lib/kuzzle/KuzzleAdapter.test.ts` tells
 * when one of them moves.
 */
interface KuzzleInside {
  pipe(event: string, ...payload: unknown[]): Promise<unknown>;
  registerPluginPipe(event: string, pipe: KuzzlePipe): string;
  readonly log: {
    error(message: string): void;
    warn(message: string): void;
  };
  listenerCount(event: string): number;
  on(event: string, hook: (payload: never) => void): void;
  readonly pluginPipes: ReadonlyMap<string, readonly KuzzlePipe[]>;
  readonly corePipes: ReadonlyMap<string, unknown>;
  ask(event: string, ...args: unknown[]): Promise<unknown>;
  readonly koncorde: { getFilterIds(index: string): string[] };
  readonly entryPoint: EntryPoint;
  readonly config: {
    readonly server: {
      readonly logs: {
        readonly transports: readonly { readonly silent?: boolean }[];
      };
    };
    readonly limits: {
      readonly documentsFetchCount: number;
      readonly documentsWriteCount: number;
    };
    readonly services: {
      readonly storageEngine: {
        readonly defaults: { readonly onUpdateConflictRetries: number };
      };
    };
  };
}

interface AppInside {
  readonly storage: {
    readonly storageClient: { readonly transport: EngineTransport };
  };
}

/** `actionEnum` of Kuzzle's realtime module. */
const NOTIFIED_ACTIONS = { update: 4, write: 6 } as const;

type KuzzlePipe = (
  payload: unknown,
  callback: (error: unknown, payload?: unknown) => void,
) => void;

/** A node that has not been heard of for so long is dead. */
const ALIVE_MS = 15_000;
const HEARTBEAT_MS = 5_000;

export class KuzzleAdapter {
  readonly nodeId = randomUUID();
  readonly cache = new KuzzleCache((event, ...args) =>
    this.kuzzle.ask(event, ...args),
  );
  readonly rawResponder = new RawResponder(() => this.kuzzle.entryPoint);
  private readonly ownPipes = new Set<KuzzlePipe>();
  private readonly ownHooks = new Map<string, number>();

  private get kuzzle(): KuzzleInside {
    return (global as unknown as { kuzzle: KuzzleInside }).kuzzle;
  }

  /**
   * Tells the other nodes that this one lives, from now on.
   *
   * @returns when it is told for the first time
   */
  async startHeartbeat(): Promise<void> {
    const beat = (): Promise<void> =>
      this.cache.set(heartbeatKey(this.nodeId), {}, ALIVE_MS);
    setInterval(() => {
      beat().catch((error: unknown) =>
        this.logError("The node could not tell that it is alive", error),
      );
    }, HEARTBEAT_MS).unref();
    await beat();
  }

  async isNodeAlive(nodeId: string): Promise<boolean> {
    return (await this.cache.get(heartbeatKey(nodeId))) !== null;
  }

  /** Of the client that Kuzzle's `majorVersion` asks for. */
  get transport(): EngineTransport {
    const { app } = global as unknown as { app: AppInside };
    return app.storage.storageClient.transport;
  }

  /**
   * `server.maxRequestSize` as Kuzzle has read it ("1.5MB" is 1 MiB to it). Each
   * protocol has it, and this one is always there.
   */
  get maxRequestBytes(): number {
    const internal = this.kuzzle.entryPoint.protocols.get("internal");
    return (internal as { maxRequestSize: number }).maxRequestSize;
  }

  get logsAccess(): boolean {
    const { transports } = this.kuzzle.config.server.logs;
    return transports.some(({ silent }) => silent !== true);
  }

  get documentsFetchCount(): number {
    return this.kuzzle.config.limits.documentsFetchCount;
  }

  get documentsWriteCount(): number {
    return this.kuzzle.config.limits.documentsWriteCount;
  }

  /** What an update does on a conflict when the caller does not say. */
  get defaultConflictRetries(): number {
    return this.kuzzle.config.services.storageEngine.defaults
      .onUpdateConflictRetries;
  }

  /** Public indexes only. */
  async indexExists(index: string): Promise<boolean> {
    return Boolean(
      await this.kuzzle.ask("core:storage:public:index:exist", index),
    );
  }

  async collectionExists(index: string, collection: string): Promise<boolean> {
    return Boolean(
      await this.kuzzle.ask(
        "core:storage:public:collection:exist",
        index,
        collection,
      ),
    );
  }

  /** The public collections of an index that exists. */
  async listCollections(index: string): Promise<string[]> {
    return (await this.kuzzle.ask(
      "core:storage:public:collection:list",
      index,
    )) as string[];
  }

  /** Whether anybody in the cluster listens to a collection's documents. */
  hasSubscribers(index: string, collection: string): boolean {
    // each node holds the filters of the whole cluster
    return (
      this.kuzzle.koncorde.getFilterIds(`${index}/${collection}`).length > 0
    );
  }

  /** Source of the keys: kuzzle/lib/core/realtime/notifier. */
  async forgetMatches(
    index: string,
    collection: string,
    ids: readonly string[],
  ): Promise<void> {
    await this.kuzzle.ask(
      "core:cache:internal:del",
      ids.map((id) => `{notif/${index}/${collection}}/${id}`),
    );
  }

  /** Whether anybody but the plugin itself waits for an event. */
  hasListeners(event: string): boolean {
    const { kuzzle, ownPipes, ownHooks } = this;
    return wildcardEvents(event).some(
      (name) =>
        kuzzle.pluginPipes.get(name)?.some((pipe) => !ownPipes.has(pipe)) ||
        kuzzle.corePipes.has(name) ||
        kuzzle.listenerCount(name) > (ownHooks.get(name) ?? 0),
    );
  }

  /** A pipe that runs after all those that are registered by now. */
  addLastPipe<Payload>(
    event: string,
    handler: (payload: Payload) => Promise<Payload>,
  ): void {
    const pipe: KuzzlePipe = (payload, callback) => {
      handler(payload as Payload).then(
        (changed) => callback(null, changed),
        callback,
      );
    };
    this.ownPipes.add(pipe);
    this.kuzzle.registerPluginPipe(event, pipe);
  }

  /** A hook that nobody has to reckon with: not a listener, and no failure. */
  addHook<Payload>(event: string, handler: (payload: Payload) => void): void {
    this.ownHooks.set(event, (this.ownHooks.get(event) ?? 0) + 1);
    this.kuzzle.on(event, (payload: Payload) => {
      try {
        handler(payload);
      } catch (error) {
        this.logError(`A hook on ${event} has failed`, error);
      }
    });
  }

  canAnswerRaw(request: KuzzleRequest): boolean {
    return this.rawResponder.canRespond(request);
  }

  answerRaw(request: KuzzleRequest): void {
    this.rawResponder.mark(request);
  }

  logWarning(message: string): void {
    this.kuzzle.log.warn(`[batch] ${message}`);
  }

  logError(message: string, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.kuzzle.log.error(`[batch] ${message}: ${detail}`);
  }

  pipe(event: string, ...payload: unknown[]): Promise<unknown> {
    return this.kuzzle.pipe(event, ...payload);
  }

  /**
   * Tells subscribers of changed documents, as native actions do.
   *
   * @param request its `index` and `collection` say where
   */
  async notify(
    request: KuzzleRequest,
    action: keyof typeof NOTIFIED_ACTIONS,
    documents: readonly object[],
  ): Promise<void> {
    await this.kuzzle.ask(
      "core:realtime:document:mNotify",
      request,
      NOTIFIED_ACTIONS[action],
      documents,
    );
  }
}

/** The names under which an event can be listened to. */
const wildcardEvents = _.memoize((event: string): string[] => {
  const [, scope, prefix] = /^(.*):(before|after)/.exec(event) ?? [];
  return scope === undefined
    ? [event]
    : [event, `${scope}:${prefix}*`, `${scope}:*`];
});

function heartbeatKey(nodeId: string): string {
  return `batch/node/${nodeId}`;
}
