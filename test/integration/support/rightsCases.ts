/** Users with different rights, names of collections, and requests that name them. */
import type { Permission } from "../../../features/support/kuzzle";
import type { KuzzleRequest } from "../../../features/support/transports";

export const INDEX = "rights";
export const OTHER_INDEX = "rights-elsewhere";
export const COLLECTIONS = ["books", "films"] as const;
export const IDS = ["both", "books-1", "films-1", "missing"];

const OURS = [
  ...["batch:batchGet", "batch:mWrite", "batch:mUpdate", "batch:batchWrite"],
];
const NATIVE = ["document:mGet", "bulk:mWrite", "document:mUpdate"];

export function may(
  actions: readonly string[],
  ...where: string[]
): Permission[] {
  return actions.map((action) => ({ action, where }));
}

/** undefined: anonymous. */
export const PROFILES: Record<string, readonly Permission[] | undefined> = {
  anonymous: undefined,
  "with no rights": may(["auth:checkToken"]),
  "with our rights alone": may(OURS),
  "with the native rights alone": may(NATIVE),
  "with all rights": [...may(OURS), ...may(NATIVE)],
  "with native rights on one collection": [
    ...may(OURS),
    ...may(NATIVE, `${INDEX}:books`),
  ],
  "with native rights on the index": [...may(OURS), ...may(NATIVE, INDEX)],
  "with native rights on another index": [
    ...may(OURS),
    ...may(NATIVE, OTHER_INDEX),
  ],
  "with our rights on one collection": [
    ...may(OURS, `${INDEX}:books`),
    ...may(NATIVE),
  ],
  "with our rights and native rights on different collections": [
    ...may(OURS, `${INDEX}:books`),
    ...may(NATIVE, `${INDEX}:films`),
  ],
};

/** Indexes and collections, only some of which exist. */
export const NAMES: ReadonlyArray<
  readonly [index: string, collection: string]
> = [
  ...["books", "films", "ghosts", "boo*", "*", "books,films"].map(
    (collection) => [INDEX, collection] as const,
  ),
  ...["%", "boo%6Bs", "books%", "-films", "@&rights.films", "Books"].map(
    (collection) => [INDEX, collection] as const,
  ),
  [OTHER_INDEX, "letters"],
  ["nowhere", "books"],
  ["rig*", "books"],
  ["*", "books"],
  ["kuzzle", "users"],
  ["%kuzzle", "users"],
];

export interface Route {
  readonly native: string;
  readonly isWrite: boolean;
  /** by the action's own URL; otherwise the whole request is in the body */
  readonly byUrl?: boolean;
  ask(index: string, collection: string): KuzzleRequest;
}

const BODY = IDS.map((_id) => ({ _id, body: { changed: true } }));

export const ROUTES: Record<string, Route> = {
  "batchGet, the collection in the URL": {
    native: "document:mGet",
    isWrite: false,
    byUrl: true,
    ask: (index, collection) =>
      ours("batchGet", index, collection, { ids: IDS }),
  },
  "batchGet, the collection as an argument": {
    native: "document:mGet",
    isWrite: false,
    ask: (index, collection) =>
      ours("batchGet", index, collection, { ids: IDS }),
  },
  "batchGet, the collection with each document": {
    native: "document:mGet",
    isWrite: false,
    ask: (index, collection) =>
      ours("batchGet", index, undefined, {
        documents: IDS.map((_id) => ({ _id, collection })),
      }),
  },
  "batchGet, the collection beside one that may be read": {
    native: "document:mGet",
    isWrite: false,
    ask: (index, collection) =>
      ours("batchGet", index, "books", {
        documents: IDS.map((_id) => ({ _id, collection })),
      }),
  },
  mWrite: {
    native: "bulk:mWrite",
    isWrite: true,
    byUrl: true,
    ask: (index, collection) =>
      ours("mWrite", index, collection, { documents: BODY }),
  },
  mUpdate: {
    native: "document:mUpdate",
    isWrite: true,
    ask: (index, collection) =>
      ours("mUpdate", index, collection, { documents: BODY }),
  },
  "batchWrite, the collection in the URL": {
    native: "bulk:mWrite",
    isWrite: true,
    byUrl: true,
    ask: (index, collection) =>
      ours("batchWrite", index, collection, {
        operations: BODY.map((write) => ({ write })),
      }),
  },
  "batchWrite, the collection with each operation": {
    native: "document:mUpdate",
    isWrite: true,
    ask: (index, collection) =>
      ours("batchWrite", index, undefined, {
        operations: BODY.map((each) => ({ update: { ...each, collection } })),
      }),
  },
  "batchWrite, the collection beside one that may be written to": {
    native: "document:mUpdate",
    isWrite: true,
    ask: (index, collection) => ({
      ...ours("batchWrite", index, "books", {
        operations: [
          ...BODY.map((update) => ({ update })),
          ...BODY.map((each) => ({ update: { ...each, collection } })),
        ],
      }),
      ...{ atomic: true, strict: true, source: true },
    }),
  },
};

export function ours(
  action: string,
  index: string,
  collection: string | undefined,
  body: unknown,
): KuzzleRequest {
  return {
    controller: "batch",
    action,
    index,
    ...(collection !== undefined && { collection }),
    body,
  };
}

export function natively(
  name: string,
  index: string,
  collection: string,
  isWrite: boolean,
): KuzzleRequest {
  const [controller = "", action = ""] = name.split(":");
  const body = isWrite ? { documents: BODY } : { ids: IDS };
  return { controller, action, index, collection, body };
}
