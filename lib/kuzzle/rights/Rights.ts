import { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import { isPluginRequest } from "../request";
import { note, stateOf, type Profiles } from "../requestState";

export interface Action {
  readonly controller: string;
  readonly action: string;
}

/** One line of a profile: a role, and where it holds. */
type Policy = Awaited<ReturnType<Profiles[number]["getPolicies"]>>[number];

/**
 * Requests for which Kuzzle is about to read profiles, by the very list of ids that it
 * reads with. It is the user's, and all anonymous requests have one user: so each read
 * of a list ends all that wait for it, and nothing stays when a request is over.
 */
const expecting = new WeakMap<readonly string[], Set<KuzzleRequest>>();

/** The event that Kuzzle emits when it has read profiles. */
export const PROFILES_READ = "core:security:profile:mGet";

/**
 * To be run on `request:onAuthorized`: what Kuzzle does next is to read the profiles of
 * the user for its rate limits. They serve here too, for a trip to Redis is much of a
 * small request's time.
 */
export function expectProfiles(request: KuzzleRequest): KuzzleRequest {
  const ids = request.context.user?.profileIds;
  if (ids !== undefined && isPluginRequest(request)) {
    const requests = expecting.get(ids) ?? new Set();
    expecting.set(ids, requests.add(request));
  }
  return request;
}

/** To be run on `PROFILES_READ`. */
export function noteProfiles({
  args: [ids],
  response: profiles,
}: {
  readonly args: readonly [readonly string[]];
  readonly response: Profiles;
}): void {
  expecting.get(ids)?.forEach((request) => {
    const { user } = request.context;
    note(request, { profiles: { user, read: Promise.resolve(profiles) } });
  });
  expecting.delete(ids);
}

/** Of the user that the request has by now. */
function profilesOf(request: KuzzleRequest): Promise<Profiles> {
  const { user } = request.context;
  const { profiles: known } = stateOf(request);
  if (known !== undefined && known.user === user) {
    return known.read;
  }
  const read = user?.getProfiles() ?? Promise.resolve([]);
  const profiles = { user, read };
  note(request, { profiles });
  read.catch(() => {
    // whoever asks again may have more luck
    if (stateOf(request).profiles === profiles) {
      note(request, { profiles: undefined });
    }
  });
  return read;
}

/** Kuzzle looks at nothing of it but the names; it is large, and so made once. */
const probeFor = _.memoize(
  ({ controller, action }: Action) => new KuzzleRequest({ controller, action }),
  ({ controller, action }) => `${controller}:${action}`,
);

/**
 * What the user of a request may do with some actions, collection by collection.
 *
 * Decides as `User.isActionAllowed` does, which reads the profiles from Redis at
 * each call; here they are read once.
 */
export class Rights {
  private constructor(private readonly policies: readonly Policy[]) {}

  static async of(request: KuzzleRequest): Promise<Rights> {
    const profiles = await profilesOf(request);
    const policies = await Promise.all(
      profiles.map((profile) => profile.getPolicies()),
    );
    return new Rights(policies.flat());
  }

  allow(action: Action, index: string, collection?: string): boolean {
    const probe = probeFor(action);
    return this.policies.some(
      ({ role, restrictedTo }) =>
        role.isActionAllowed(probe) &&
        // without a collection Kuzzle, too, asks with none, whatever its types say
        role.checkRestrictions(index, collection as string, restrictedTo),
    );
  }
}
