/** What the suite does as Kuzzle's administrator: collections, documents, users and their rights. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { alias, askEngine, splitAddress, tellEngine } from "./engine";
import { type Answer, type KuzzleRequest, query } from "./transports";

export const ADMIN = { username: "features-admin", password: "features-admin" };
const PASSWORD = "features";

/** The rights that anonymous keeps during the suite: to log in and to read the API's description. */
const ANONYMOUS_RIGHTS: Rights = {
  auth: ["login", "checkToken"],
  server: ["publicApi", "openapi", "info"],
};

type Rights = Record<string, string[]>;

/** One action and its places; without places, everywhere. */
export interface Permission {
  readonly action: string;
  readonly where: readonly string[];
}

let adminToken: string;
const tokens = new Map<string, string>();
const madeSecurity = {
  users: new Set<string>(),
  profiles: new Set<string>(),
  roles: new Set<string>(),
};
const madeIndexes = new Set<string>();
const reusableCollections = new Set<string>();

export async function asAdmin(request: KuzzleRequest): Promise<Answer> {
  const answer = await query({ ...request, jwt: adminToken });

  assert.equal(
    answer.error,
    null,
    `${request.controller}:${request.action}: ${JSON.stringify(answer.error)}`,
  );

  return answer;
}

export function adminJwt(): string {
  return adminToken;
}

/**
 * Creates an administrator and restricts anonymous. The administrator of an earlier, failed run
 * will do.
 */
export async function takeOver(): Promise<void> {
  await query({
    controller: "security",
    action: "createFirstAdmin",
    _id: ADMIN.username,
    body: { content: {}, credentials: { local: ADMIN } },
    refresh: "wait_for",
  });
  adminToken = await logIn(ADMIN);
  await allowAnonymous({});
}

export async function handBack(): Promise<void> {
  await Promise.all(
    [...madeIndexes].map((index) =>
      asAdmin({ controller: "index", action: "delete", index }),
    ),
  );
  await asAdmin({
    controller: "security",
    action: "refresh",
    collection: "users",
  });
  for (const [kind, ids] of Object.entries(madeSecurity)) {
    const action = `mDelete${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

    await asAdmin({
      controller: "security",
      action,
      body: { ids: [...ids] },
      refresh: "wait_for",
    });
  }
  await writeRole("anonymous", { "*": ["*"] });
  await asAdmin({
    controller: "security",
    action: "deleteUser",
    _id: ADMIN.username,
    refresh: "wait_for",
  });
}

export async function createCollection(
  address: string,
  mappings?: unknown,
  settings?: unknown,
): Promise<void> {
  const [index, collection] = splitAddress(address);

  if (!madeIndexes.has(index)) {
    await asAdmin({ controller: "index", action: "delete", index }).catch(
      () => undefined,
    );
    await asAdmin({ controller: "index", action: "create", index });
    madeIndexes.add(index);
  }
  if (
    mappings === undefined &&
    settings === undefined &&
    reusableCollections.delete(address)
  ) {
    return;
  }
  if (reusableCollections.delete(address)) {
    await deleteCollection(address);
  }
  await asAdmin({
    controller: "collection",
    action: "create",
    index,
    collection,
    body: {
      mappings: mappings ?? { dynamic: "true" },
      ...(settings === undefined ? {} : { settings }),
    },
  });
}

/** Creating a collection is the slow part of a scenario, so one that stayed empty is reused. */
export async function releaseCollection(
  address: string,
  isPlain: boolean,
): Promise<void> {
  if (isPlain && (await isUntouched(address))) {
    reusableCollections.add(address);
  } else {
    await deleteCollection(address);
  }
}

async function isUntouched(address: string): Promise<boolean> {
  const { status, body } = await askEngine(
    "GET",
    `/${alias(address)}/_stats/indexing`,
  );
  const total = (
    body as { _all?: { primaries?: { indexing?: { index_total?: number } } } }
  )._all;

  return status === 200 && total?.primaries?.indexing?.index_total === 0;
}

async function deleteCollection(address: string): Promise<void> {
  const [index, collection] = splitAddress(address);

  await askEngine("POST", `/${alias(address)}/_open?wait_for_active_shards=0`);
  await asAdmin({
    controller: "collection",
    action: "delete",
    index,
    collection,
  });
}

/** Written at a low level and not refreshed, so searches do not find them yet. */
export async function writeDocuments(
  address: string,
  sources: Record<string, unknown>,
): Promise<void> {
  const [index, collection] = splitAddress(address);
  const documents = Object.entries(sources).map(([_id, body]) => ({
    _id,
    body,
  }));
  const { result } = await asAdmin({
    controller: "bulk",
    action: "mWrite",
    index,
    collection,
    body: { documents },
  });

  assert.deepEqual((result as { errors: unknown[] }).errors, []);
}

export async function closeInEngine(address: string): Promise<void> {
  await tellEngine("POST", `/${alias(address)}/_close`);
}

/** Loses the only copy of the collection's index, as when a disk is broken. */
export async function loseShardInEngine(address: string): Promise<void> {
  const [name = ""] = Object.keys(
    await tellEngine("GET", `/${alias(address)}`),
  );
  const path = `/${encodeURIComponent(name)}`;

  await tellEngine("DELETE", path);
  await tellEngine("PUT", `${path}?wait_for_active_shards=0`, {
    aliases: { [decodeURIComponent(alias(address))]: {} },
    settings: { "routing.allocation.require._name": "nowhere" },
  });
}

/** The token of a user with exactly these rights. Users with the same rights are created once. */
export async function userWho(
  permissions: readonly Permission[],
): Promise<string> {
  const name = `features-${hashOf(permissions)}`;
  const known = tokens.get(name);

  if (known !== undefined) {
    return known;
  }
  const policies = await Promise.all(permissions.map(policyFor));

  await asAdmin({
    controller: "security",
    action: "createOrReplaceProfile",
    _id: name,
    body: { policies },
    refresh: "false",
  });
  madeSecurity.profiles.add(name);
  const answer = await query({
    controller: "security",
    action: "createUser",
    _id: name,
    body: {
      content: { profileIds: [name] },
      credentials: { local: { username: name, password: PASSWORD } },
    },
    refresh: "false",
    jwt: adminToken,
  });

  assert.ok(
    answer.error === null ||
      answer.error.id === "security.user.user_already_exists",
    JSON.stringify(answer.error),
  );
  madeSecurity.users.add(name);
  const token = await logIn({ username: name, password: PASSWORD });

  tokens.set(name, token);

  return token;
}

export async function allowAnonymous(rights: Rights): Promise<void> {
  await writeRole("anonymous", { ...ANONYMOUS_RIGHTS, ...rights });
}

export async function switchPipes(sets: readonly string[]): Promise<void> {
  await asAdmin({ controller: "features", action: "pipes", body: { sets } });
}

/** What the set of pipes "recording" has received since, for one collection. */
export async function seenByPipes(address: string): Promise<unknown[]> {
  const [index, collection] = splitAddress(address);
  const { result } = await asAdmin({
    controller: "features",
    action: "seenByPipes",
    index,
    collection,
  });

  return result as unknown[];
}

async function policyFor({ action, where }: Permission): Promise<unknown> {
  const [controller, name, ...rest] = action.split(":");

  assert.ok(
    controller !== undefined && name !== undefined && rest.length === 0,
    `"${action}" should be controller:action`,
  );
  const roleId = `features-${hashOf(action)}`;

  await writeRole(roleId, { [controller]: [name] });
  madeSecurity.roles.add(roleId);

  return where.length === 0
    ? { roleId }
    : { roleId, restrictedTo: restrictionsOf(where) };
}

/** "library" is a whole index, "library:books" one collection. */
function restrictionsOf(where: readonly string[]): unknown[] {
  return where.map((place) => {
    const [index, collection] = place.split(":");

    return collection === undefined
      ? { index }
      : { index, collections: [collection] };
  });
}

async function writeRole(roleId: string, rights: Rights): Promise<void> {
  const controllers = Object.fromEntries(
    Object.entries(rights).map(([controller, actions]) => [
      controller,
      { actions: Object.fromEntries(actions.map((action) => [action, true])) },
    ]),
  );

  await asAdmin({
    controller: "security",
    action: "createOrReplaceRole",
    _id: roleId,
    body: { controllers },
    refresh: "false",
  });
}

async function logIn(credentials: {
  username: string;
  password: string;
}): Promise<string> {
  const answer = await query({
    controller: "auth",
    action: "login",
    strategy: "local",
    body: credentials,
  });

  assert.equal(
    answer.error,
    null,
    `Could not log in as ${credentials.username}: ${JSON.stringify(answer.error)}`,
  );

  return (answer.result as { jwt: string }).jwt;
}

function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value))
    .digest("hex")
    .slice(0, 16);
}
