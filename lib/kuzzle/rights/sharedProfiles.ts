import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import { isPluginRequest } from "../request";
import { joinedReads, type ReadProfiles } from "./joinedReads";
import {
  note,
  stateOf,
  type Profile,
  type Profiles,
  type User,
} from "../requestState";

/** The event with which Kuzzle asks itself for the profiles of a user. */
export const PROFILES = "core:security:profile:mGet";

/**
 * Shares reads of profiles. Kuzzle reads the profiles of a request's user from Redis to
 * authorize the action, and again right afterwards for its rate limits. Each read is
 * two commands per profile, a large share of a small request's time. For requests to
 * the plugin, the first read serves both, and the rights to collections as well. One
 * read also serves all requests in the same turn of the event loop, or during an
 * earlier read: with 64 callers, dozens of requests.
 *
 * @param read Kuzzle's own way of reading them
 * @param current the request that is being executed, if any
 */
export function sharingProfiles(
  read: ReadProfiles,
  current: () => KuzzleRequest | undefined,
): ReadProfiles {
  const readTogether = joinedReads(async (ids) =>
    (await read(ids)).map(withPoliciesOnce),
  );
  return (ids) => {
    const request = current();
    const user = request?.context.user;
    if (
      request === undefined ||
      user?.profileIds !== ids ||
      !isPluginRequest(request)
    ) {
      return read(ids);
    }
    const { isBeforeRateLimit } = stateOf(request);
    note(request, { isBeforeRateLimit: false });
    return isBeforeRateLimit === true
      ? profilesOf(request, () => readTogether(ids))
      : readFor(request, () => readTogether(ids));
  };
}

/**
 * Returns the same profile for all who share a read of it. Kuzzle would otherwise
 * assemble its roles at each call, from memory but through many promises.
 */
function withPoliciesOnce(profile: Profile): Profile {
  return Object.create(profile, {
    getPolicies: { value: _.once(() => profile.getPolicies()) },
  }) as Profile;
}

/**
 * Must run last on `request:onAuthorized`: the next step is Kuzzle's read of the
 * profiles for its rate limits.
 */
export function noteRateLimit(request: KuzzleRequest): KuzzleRequest {
  if (isPluginRequest(request)) {
    note(request, { isBeforeRateLimit: true });
  }
  return request;
}

/**
 * The profiles of the request's user, both as they are now: pipes may change either.
 */
export function profilesOf(
  request: KuzzleRequest,
  read: () => Promise<Profiles> = () => readProfiles(request.context.user),
): Promise<Profiles> {
  const { user } = request.context;
  const { profiles: known } = stateOf(request);
  return known !== undefined &&
    known.user === user &&
    _.isEqual(known.ids, user?.profileIds)
    ? known.read
    : readFor(request, read);
}

function readFor(
  request: KuzzleRequest,
  read: () => Promise<Profiles>,
): Promise<Profiles> {
  const { user } = request.context;
  const profiles = { user, ids: user && [...user.profileIds], read: read() };
  note(request, { profiles });
  profiles.read.catch(() => {
    // the next caller may succeed
    if (stateOf(request).profiles === profiles) {
      note(request, { profiles: undefined });
    }
  });
  return profiles.read;
}

async function readProfiles(user: User | null): Promise<Profiles> {
  return user === null ? [] : user.getProfiles();
}
