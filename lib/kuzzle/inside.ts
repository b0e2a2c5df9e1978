import { get } from "lodash";

import type { EngineTransport } from "../elasticsearch/transport";
import { batchError } from "../errors";
import type { EntryPoint } from "./RawResponder";

/*
 * Everything in a running Kuzzle that the plugin uses although it is not public API, in
 * one place, so that an incompatible Kuzzle is detected at startup.
 */

export type KuzzlePipe = (
  payload: unknown,
  callback: (error: unknown, payload?: unknown) => void,
) => void;

export interface Inside {
  readonly kuzzle: {
    readonly version: string;
    readonly log: {
      error(message: string): void;
      warn(message: string): void;
    };
    ask(event: string, ...args: unknown[]): Promise<unknown>;
    hasAskAnswerer(event: string): boolean;
    pipe(event: string, ...payload: unknown[]): Promise<unknown>;
    registerPluginPipe(event: string, pipe: KuzzlePipe): string;
    on(event: string, hook: (payload: never) => void): void;
    listenerCount(event: string): number;
    readonly pluginPipes: ReadonlyMap<string, readonly KuzzlePipe[]>;
    readonly corePipes: ReadonlyMap<string, unknown>;
    /** keyed by the event they answer */
    readonly coreAnswerers: Map<string, (...args: never) => unknown>;
    /** holds the request that is being executed, under the name REQUEST */
    readonly asyncStore: { exists(): boolean; get(name: string): unknown };
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
  };
  readonly app: {
    readonly storage: {
      readonly storageClient: { readonly transport: EngineTransport };
    };
  };
}

/** The Kuzzle of this process. */
export function inside(): Inside {
  return global as unknown as Inside;
}

type Kind = "function" | "Map" | "array" | "number";

/** The paths in `Inside`, and the kind of value expected there. */
const REQUIRED: Readonly<Record<string, Kind>> = {
  "kuzzle.log.error": "function",
  "kuzzle.log.warn": "function",
  "kuzzle.ask": "function",
  "kuzzle.hasAskAnswerer": "function",
  "kuzzle.pipe": "function",
  "kuzzle.registerPluginPipe": "function",
  "kuzzle.on": "function",
  "kuzzle.entryPoint.protocols": "Map",
  "kuzzle.config.limits.documentsFetchCount": "number",
  "kuzzle.config.limits.documentsWriteCount": "number",
  "kuzzle.config.services.storageEngine.defaults.onUpdateConflictRetries":
    "number",
  "app.storage.storageClient.transport.request": "function",
};

/** Events to which Kuzzle's modules must respond. */
const REQUIRED_ANSWERS = [
  "core:storage:public:index:exist",
  "core:storage:public:collection:exist",
  "core:storage:public:collection:list",
  "core:cache:internal:get",
  "core:cache:internal:store",
  "core:cache:internal:del",
  "core:cache:internal:execute",
  "core:realtime:document:mNotify",
  "core:security:user:get",
  "core:security:role:get",
];

/** Required of the anonymous user, one of its profiles, and that profile's role. */
const REQUIRED_OF_RIGHTS: Readonly<Record<string, Kind>> = {
  "user.getProfiles": "function",
  "profile.getAllowedPolicies": "function",
  "role.checkRestrictions": "function",
};

interface Optional {
  readonly kind: Kind;
  /** what the plugin does instead */
  readonly without: string;
}

/**
 * The parts that the plugin can do without. `RawResponder` itself checks the protocols
 * of `entryPoint`.
 */
const OPTIONAL = {
  "kuzzle.listenerCount": {
    kind: "function",
    without: "events are triggered whether anybody listens or not",
  },
  "kuzzle.pluginPipes": {
    kind: "Map",
    without: "events are triggered whether anybody listens or not",
  },
  "kuzzle.corePipes": {
    kind: "Map",
    without: "events are triggered whether anybody listens or not",
  },
  "kuzzle.coreAnswerers": {
    kind: "Map",
    without: "profiles are read from Redis more than once for each request",
  },
  "kuzzle.asyncStore.exists": {
    kind: "function",
    without: "profiles are read from Redis more than once for each request",
  },
  "kuzzle.koncorde.getFilterIds": {
    kind: "function",
    without: "documents are read for notifications that nobody may wait for",
  },
  "kuzzle.config.server.logs.transports": {
    kind: "array",
    without: "responses are serialized as if the access log were on",
  },
  "kuzzle.entryPoint.execute": {
    kind: "function",
    without: "numbers may be rounded over WebSocket and MQTT",
  },
} as const satisfies Record<string, Optional>;

export type OptionalPart = keyof typeof OPTIONAL;

/** Kuzzle's id for users who are not logged in, and their only role by default. */
const ANONYMOUS = { user: "-1", role: "anonymous" };

/**
 * Must run when the plugin starts, after Kuzzle's own modules.
 *
 * @returns the optional parts that are missing, and what the plugin does instead
 * @throws {BatchError} `batch.kuzzle.unsupported`, naming every required part that is
 * missing
 */
export async function probe(
  parts: Inside,
): Promise<ReadonlyMap<OptionalPart, string>> {
  const missing = missingOf(parts, REQUIRED);
  // these are needed to find the others
  if (missing.length === 0) {
    missing.push(
      ...REQUIRED_ANSWERS.filter(
        (event) => !parts.kuzzle.hasAskAnswerer(event),
      ),
    );
  }
  if (missing.length === 0) {
    missing.push(...missingOf(await rightsOf(parts), REQUIRED_OF_RIGHTS));
  }
  if (missing.length > 0) {
    throw batchError("batch.kuzzle.unsupported", {
      version: String(get(parts, "kuzzle.version")),
      missing: missing.join(", "),
    });
  }
  return new Map(
    (Object.entries(OPTIONAL) as [OptionalPart, Optional][])
      .filter(([path, { kind }]) => !isThere(parts, path, kind))
      .map(([path, { without }]) => [path, without]),
  );
}

/** The objects that decide the rights of each request. */
async function rightsOf({ kuzzle }: Inside): Promise<object> {
  const [user, role] = await Promise.all([
    kuzzle.ask("core:security:user:get", ANONYMOUS.user),
    kuzzle.ask("core:security:role:get", ANONYMOUS.role),
  ]);
  const { getProfiles } = user as { getProfiles?: () => Promise<object[]> };
  const [profile] = (await getProfiles?.call(user)) ?? [];
  return { user, profile, role };
}

function missingOf(
  parts: object,
  wanted: Readonly<Record<string, Kind>>,
): string[] {
  return Object.entries(wanted)
    .filter(([path, kind]) => !isThere(parts, path, kind))
    .map(([path]) => path);
}

function isThere(parts: object, path: string, kind: Kind): boolean {
  const found: unknown = get(parts, path);
  switch (kind) {
    case "Map":
      return found instanceof Map;
    case "array":
      return Array.isArray(found);
    default:
      return typeof found === kind;
  }
}
