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

/** What Kuzzle asks itself for when it needs the profiles of a user. */
export const PROFILES = "core:security:profile:mGet";

/**
 * Kuzzle reads the profiles of a request's user from Redis to allow it the action,
 * and at once again for its rate limits. Each time is two commands for each profile,
 * which is much of a small request's time: of requests to the plugin the first read
 * serves for both, and for the rights to collections. One read also serves all
 * requests that come in the same turn of the event loop, or while an earlier one is
 * under way: of 64 callers, dozens.
 *
 * @param read how Kuzzle does it
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
 * The same profile, for those who share the read of it. Kuzzle puts its roles together
 * each time that one of them asks, out of its memory and by many promises.
 */
function withPoliciesOnce(profile: Profile): Profile {
  return Object.create(profile, {
    getPolicies: { value: _.once(() => profile.getPolicies()) },
  }) as Profile;
}

/**
 * To be run on `request:onAuthorized`, as the last: what comes next is Kuzzle's
 * reading of profiles for its rate limits.
 */
export function noteRateLimit(request: KuzzleRequest): KuzzleRequest {
  if (isPluginRequest(request)) {
    note(request, { isBeforeRateLimit: true });
  }
  return request;
}

/** Of the user that the request has by now, with the profiles that this has by now. */
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
    // whoever asks again may have more luck
    if (stateOf(request).profiles === profiles) {
      note(request, { profiles: undefined });
    }
  });
  return profiles.read;
}

async function readProfiles(user: User | null): Promise<Profiles> {
  return user === null ? [] : user.getProfiles();
}
