import { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { Profiles } from "../requestState";
import { profilesOf } from "./sharedProfiles";

export interface Action {
  readonly controller: string;
  readonly action: string;
}

/** One line of a profile: a role, and where it holds. */
type Policy = Awaited<ReturnType<Profiles[number]["getPolicies"]>>[number];

/** Kuzzle looks at nothing of it but the names; it is large, and so made once. */
const probeFor = _.memoize(
  ({ controller, action }: Action) => new KuzzleRequest({ controller, action }),
  ({ controller, action }) => `${controller}:${action}`,
);

/** By the profiles that one read has brought, maybe for several requests. */
const shared = new WeakMap<Profiles, Promise<Rights>>();

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
        // without a collection Kuzzle, too, asks with none, whatever its types say
        role.checkRestrictions(index, collection as string, restrictedTo),
    );
  }
}
