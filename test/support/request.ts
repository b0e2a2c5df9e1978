import { KuzzleRequest, type User } from "kuzzle";
import sinon from "sinon";

import type { KuzzleServices } from "../../lib/kuzzle/KuzzleServices";
import { FakeCache } from "./FakeCache";

interface RequestOptions {
  readonly protocol?: string;
  readonly user?: User | null;
}

/** A request over HTTP from a user with all rights, by default. */
export function kuzzleRequest(
  data: Record<string, unknown>,
  { protocol = "http", user = userWith(() => true) }: RequestOptions = {},
): KuzzleRequest {
  return new KuzzleRequest(
    { controller: "batch", action: "batchGet", ...data },
    { user, connection: { protocol } },
  );
}

/** The part of a request on which a user's rights depend. */
export interface Needed {
  readonly right: string;
  readonly index: string | undefined;
  readonly collection: string | undefined;
}

/** A user with the rights that `allows` defines. */
export function userWith(
  allows: (needed: Needed) => boolean,
  _id = "alyx",
): User {
  return {
    _id,
    profileIds: ["default"],
    getProfiles: sinon.spy(async () => [
      {
        getPolicies: async () => [{ role: roleThat(allows) }],
      },
    ]),
  } as unknown as User;
}

/** Called first for an action, as Kuzzle does, and then for places of that action. */
function roleThat(allows: (needed: Needed) => boolean) {
  let right = "";
  return {
    isActionAllowed: ({ input }: KuzzleRequest) => {
      right = `${input.controller}:${input.action}`;
      return true;
    },
    checkRestrictions: (index?: string, collection?: string) =>
      allows({ right, index, collection }),
  };
}

type Limit =
  "documentsFetchCount" | "documentsWriteCount" | "defaultConflictRetries";

/** A Kuzzle with the given collections, without any listeners. */
export function kuzzleServices(
  collections: Record<string, string[]> = { nyc: ["yellow", "green"] },
  limits: Partial<Record<Limit, number>> = {},
) {
  return {
    nodeId: "this-node",
    isNodeAlive: sinon.stub<[string], Promise<boolean>>().resolves(true),
    tellAlive: sinon.stub<[], Promise<void>>().resolves(),
    cache: new FakeCache(),
    maxRequestBytes: 1024 * 1024,
    logsAccess: false,
    documentsFetchCount: 10_000,
    documentsWriteCount: 200,
    defaultConflictRetries: 3,
    indexExists: sinon.spy(async (index: string) => index in collections),
    collectionExists: sinon.spy(
      async (index: string, collection: string) =>
        collections[index]?.includes(collection) ?? false,
    ),
    listCollections: sinon.spy(
      async (index: string) => collections[index] ?? [],
    ),
    hasListeners: sinon.stub<[string], boolean>().returns(false),
    pipe: sinon.spy(
      async (_event: string, ...payload: unknown[]) => payload[0],
    ),
    logError: sinon.stub<[string, unknown], void>(),
    hasSubscribers: sinon.stub<[string, string], boolean>().returns(false),
    forgetMatches: sinon.stub<
      Parameters<KuzzleServices["forgetMatches"]>,
      Promise<void>
    >(),
    canAnswerRaw: sinon.stub<[KuzzleRequest], boolean>().returns(true),
    answerRaw: sinon.stub<[KuzzleRequest], void>(),
    notify: sinon.stub<Parameters<KuzzleServices["notify"]>, Promise<void>>(),
    ...limits,
  } satisfies KuzzleServices;
}
