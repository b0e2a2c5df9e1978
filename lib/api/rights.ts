import { KuzzleRequest } from "kuzzle";

export interface Action {
  readonly controller: string;
  readonly action: string;
}

/** What Kuzzle allows by one line of a profile, for one action. */
type Policy = Awaited<
  ReturnType<
    Awaited<
      ReturnType<NonNullable<KuzzleRequest["context"]["user"]>["getProfiles"]>
    >[number]["getAllowedPolicies"]
  >
>[number];

/**
 * What the user of a request may do with some actions, collection by collection.
 *
 * Decides as `User.isActionAllowed` does, which reads the profiles from Redis at
 * each call, two trips there and back; here they are read once.
 */
export class Rights {
  private constructor(
    private readonly policiesOf: ReadonlyMap<Action, readonly Policy[]>,
  ) {}

  static async of(
    request: KuzzleRequest,
    actions: readonly Action[],
  ): Promise<Rights> {
    const profiles = (await request.context.user?.getProfiles()) ?? [];
    const policiesOf = new Map<Action, readonly Policy[]>();
    for (const action of actions) {
      const probe = new KuzzleRequest({ ...action }, request.context);
      const policies = await Promise.all(
        profiles.map((profile) => profile.getAllowedPolicies(probe)),
      );
      policiesOf.set(action, policies.flat());
    }
    return new Rights(policiesOf);
  }

  /** @param action one of those that the rights were made for */
  allow(action: Action, index: string, collection?: string): boolean {
    return (this.policiesOf.get(action) ?? []).some(({ role, restrictedTo }) =>
      // without a collection Kuzzle, too, asks with none, whatever its types say
      role.checkRestrictions(index, collection as string, restrictedTo),
    );
  }
}
