import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";
import { randomUUID } from "node:crypto";

import type { OperationName } from "../types";
import type { EngineTransport } from "../elasticsearch/transport";
import { KuzzleCache } from "./KuzzleCache";
import { inside, probe, type KuzzlePipe, type OptionalPart } from "./inside";
import { MergedDeletions } from "./MergedDeletions";
import { RawResponder } from "./RawResponder";
import type { ReadProfiles } from "./rights/joinedReads";
import { PROFILES, sharingProfiles } from "./rights/sharedProfiles";

/** `actionEnum` of Kuzzle's realtime module. */
const NOTIFIED_ACTIONS: Readonly<Record<OperationName, number>> = {
  create: 1,
  delete: 2,
  replace: 3,
  update: 4,
  upsert: 5,
  write: 6,
  createOrReplace: 6,
};

/** The parts needed to find listeners. */
const LISTENER_PARTS: readonly OptionalPart[] = [
  "kuzzle.pluginPipes",
  "kuzzle.corePipes",
  "kuzzle.listenerCount",
];

/** The parts needed to read profiles once. */
const SHARING_PARTS: readonly OptionalPart[] = [
  "kuzzle.coreAnswerers",
  "kuzzle.asyncStore.exists",
];

/** A node that has not been heard from for this long is dead. */
const ALIVE_MS = 15_000;
const HEARTBEAT_MS = 5_000;

/** The plugin's only access to the parts that `inside.ts` lists. */
export class KuzzleAdapter {
  readonly nodeId = randomUUID();
  readonly cache = new KuzzleCache((event, ...args) =>
    this.kuzzle.ask(event, ...args),
  );
  readonly rawResponder = new RawResponder(() => this.kuzzle.entryPoint);
  private readonly deletions = new MergedDeletions((keys) =>
    this.kuzzle.ask("core:cache:internal:del", keys),
  );
  private readonly ownPipes = new Set<KuzzlePipe>();
  private readonly ownHooks = new Map<string, number>();
  private lacking: ReadonlyMap<OptionalPart, string> = new Map();

  private get kuzzle() {
    return inside().kuzzle;
  }

  /**
   * Checks that this Kuzzle has everything the plugin needs, before anything is used.
   *
   * @throws {BatchError} `batch.kuzzle.unsupported`
   */
  async probe(): Promise<void> {
    const lacking = await probe(inside());
    for (const [name, without] of lacking) {
      this.logWarning(
        `Kuzzle ${this.kuzzle.version} has no ${name}: ${without}`,
      );
    }
    this.lacking = lacking;
  }

  /**
   * Starts telling the other nodes that this one is alive.
   *
   * @returns when the first message is sent
   */
  async startHeartbeat(): Promise<void> {
    setInterval(() => {
      this.tellAlive().catch((error: unknown) =>
        this.logError("The heartbeat of this node could not be sent", error),
      );
    }, HEARTBEAT_MS).unref();
    await this.tellAlive();
  }

  tellAlive(): Promise<void> {
    return this.cache.write(heartbeatKey(this.nodeId), "{}", ALIVE_MS);
  }

  async isNodeAlive(nodeId: string): Promise<boolean> {
    return (await this.cache.read(heartbeatKey(nodeId))) !== null;
  }

  /** The transport of the client that Kuzzle's `majorVersion` selects. */
  get transport(): EngineTransport {
    return inside().app.storage.storageClient.transport;
  }

  /**
   * `server.maxRequestSize` as Kuzzle parsed it ("1.5MB" is 1 MiB to it). Each protocol
   * has a copy; this one always exists.
   */
  get maxRequestBytes(): number {
    const internal = this.kuzzle.entryPoint.protocols.get("internal");
    return (internal as { maxRequestSize: number }).maxRequestSize;
  }

  get logsAccess(): boolean {
    if (this.lacking.has("kuzzle.config.server.logs.transports")) return true;
    const { transports } = this.kuzzle.config.server.logs;
    return transports.some(({ silent }) => silent !== true);
  }

  get documentsFetchCount(): number {
    return this.kuzzle.config.limits.documentsFetchCount;
  }

  get documentsWriteCount(): number {
    return this.kuzzle.config.limits.documentsWriteCount;
  }

  /** The number of retries of an update on conflict, unless the caller sets one. */
  get defaultConflictRetries(): number {
    return this.kuzzle.config.services.storageEngine.defaults
      .onUpdateConflictRetries;
  }

  /** Finds public indexes only. */
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

  /** Whether anybody in the cluster subscribes to a collection's documents. */
  hasSubscribers(index: string, collection: string): boolean {
    if (this.lacking.has("kuzzle.koncorde.getFilterIds")) return true;
    // each node holds the filters of the whole cluster
    return (
      this.kuzzle.koncorde.getFilterIds(`${index}/${collection}`).length > 0
    );
  }

  /** Source of the keys: kuzzle/lib/core/realtime/notifier. */
  forgetMatches(
    index: string,
    collection: string,
    ids: readonly string[],
  ): Promise<void> {
    const slot = `{notif/${index}/${collection}}`;
    return this.deletions.delete(
      slot,
      ids.map((id) => `${slot}/${id}`),
    );
  }

  /** Whether anybody but the plugin itself listens to an event. */
  hasListeners(event: string): boolean {
    const { kuzzle, ownPipes, ownHooks } = this;
    if (LISTENER_PARTS.some((part) => this.lacking.has(part))) return true;
    return wildcardEvents(event).some(
      (name) =>
        kuzzle.pluginPipes.get(name)?.some((pipe) => !ownPipes.has(pipe)) ||
        kuzzle.corePipes.has(name) ||
        kuzzle.listenerCount(name) > (ownHooks.get(name) ?? 0),
    );
  }

  /** Adds a pipe that runs after all those registered so far. */
  addLastPipe<Payload>(
    event: string,
    handler: (payload: Payload) => Payload | Promise<Payload>,
  ): void {
    const pipe: KuzzlePipe = (payload, callback) => {
      const changed = handler(payload as Payload);
      if (changed instanceof Promise) {
        changed.then((later) => callback(null, later), callback);
      } else {
        callback(null, changed);
      }
    };
    this.ownPipes.add(pipe);
    this.kuzzle.registerPluginPipe(event, pipe);
  }

  /** Adds a hook that does not count as a listener and cannot fail the event. */
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

  /** From now on, responses over WebSocket and MQTT may have raw sources. */
  startRawResponder(): void {
    if (!this.lacking.has("kuzzle.entryPoint.execute")) {
      this.rawResponder.start();
    }
  }

  /** From now on, the profiles for a request to the plugin are read once. */
  startSharingProfiles(): void {
    const { lacking } = this;
    if (SHARING_PARTS.some((part) => lacking.has(part))) return;
    const { coreAnswerers, asyncStore } = this.kuzzle;
    const read = coreAnswerers.get(PROFILES) as ReadProfiles;
    const current = (): KuzzleRequest | undefined =>
      asyncStore.exists()
        ? (asyncStore.get("REQUEST") as KuzzleRequest)
        : undefined;
    coreAnswerers.set(PROFILES, sharingProfiles(read, current));
  }

  canAnswerRaw(request: KuzzleRequest): boolean {
    const isHttp = request.context.connection.protocol === "http";
    return (
      (isHttp || !this.lacking.has("kuzzle.entryPoint.execute")) &&
      this.rawResponder.canRespond(request)
    );
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
   * Notifies subscribers of changed documents, as native actions do.
   *
   * @param request its `index` and `collection` say where
   */
  async notify(
    request: KuzzleRequest,
    op: OperationName,
    documents: readonly object[],
  ): Promise<void> {
    await this.kuzzle.ask(
      "core:realtime:document:mNotify",
      request,
      NOTIFIED_ACTIONS[op],
      documents,
    );
  }
}

/** The names under which an event can be listened to. Source: Kuzzle's emitter. */
const wildcardEvents = _.memoize((event: string): string[] => {
  const scope = event.slice(0, event.lastIndexOf(":"));
  const [prefix] = /(?<=:)(before|after)(?=[^:]*$)/.exec(event) ?? [];
  return [
    event,
    ...(prefix === undefined ? [] : [`${scope}:${prefix}*`]),
    `${scope}:*`,
  ];
});

function heartbeatKey(nodeId: string): string {
  return `batch/node/${nodeId}`;
}
