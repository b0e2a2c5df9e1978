import { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { Profiles } from "../requestState";
import { profilesOf } from "./sharedProfiles";

export interface Action {
  readonly controller: string;
  readonly action: string;
}

/** One entry of a profile: a role, and where it applies. */
type Policy = Awaited<ReturnType<Profiles[number]["getPolicies"]>>[number];

/** Kuzzle only reads the names from it. It is large, so it is made once per action. */
const probeFor = _.memoize(
  ({ controller, action }: Action) => new KuzzleRequest({ controller, action }),
  ({ controller, action }) => `${controller}:${action}`,
);

/** Keyed by the profiles of one read, which several requests may share. */
const shared = new WeakMap<Profiles, Promise<Rights>>();

/**
 * What the user of a request may do with some actions, collection by collection.
 *
 * Decides as `User.isActionAllowed` does, which reads the profiles from Redis at each
 * call; here they are read once.
 */
export class Rights {
  private constructor(private readonly policies: readonly Policy[]) {}

  static async of(request: KuzzleRequest): Promise<Rights> {
    const profiles = await profilesOf(request);
    const rights = shared.get(profiles) ?? Rights.ofProfiles(profiles);
    shared.set(profiles, rights);
    return rights;
  }

  private static async ofProfiles(profiles: Profiles): Promise<Rights> {
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
        // without a collection Kuzzle passes undefined too, whatever its types say
        role.checkRestrictions(index, collection as string, restrictedTo),
    );
  }
}
