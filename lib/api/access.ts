import { KuzzleRequest } from "kuzzle";

import { NATIVE_ERRORS } from "../errors";
import type { KuzzleServices } from "./services";

/** A native action, whose right is needed for each collection touched. */
export interface NativeAction {
  readonly controller: "document" | "bulk";
  readonly action: "mGet" | "mUpdate" | "mWrite";
}

/**
 * Rights first, then existence, so that nobody learns that a collection exists
 * who may not use it.
 */
export class Access {
  constructor(private readonly kuzzle: KuzzleServices) {}

  /**
   * @throws 403 (401 for anonymous) when one of the collections may not be
   * used, 412 when one of them, or the index, does not exist
   */
  async assertCollections(
    request: KuzzleRequest,
    native: NativeAction,
    index: string,
    collections: readonly string[],
  ): Promise<void> {
    await this.assertRights(request, native, index, collections);
    await this.assertExistence(index, collections);
  }

  /** @throws 403 (401 for anonymous), whether a collection exists or not */
  async assertRights(
    request: KuzzleRequest,
    native: NativeAction,
    index: string,
    collections: readonly string[],
  ): Promise<void> {
    for (const collection of collections) {
      const refused = await this.refusedAction(
        request,
        native,
        index,
        collection,
      );
      if (refused !== undefined) {
        throw refusal(request, refused);
      }
    }
  }

  /** To be asked after rights. @throws 412 */
  async assertExistence(
    index: string,
    collections: readonly string[],
  ): Promise<void> {
    if (!(await this.kuzzle.indexExists(index))) {
      throw NATIVE_ERRORS.unknownIndex(index);
    }
    for (const collection of collections) {
      if (!(await this.kuzzle.collectionExists(index, collection))) {
        throw NATIVE_ERRORS.unknownCollection(index, collection);
      }
    }
  }

  /**
   * The collections of an index that the caller may use.
   *
   * @throws 403 (401 for anonymous) when there is none, 412 when the index
   * does not exist and the caller might have used it
   */
  async usableCollections(
    request: KuzzleRequest,
    native: NativeAction,
    index: string,
  ): Promise<string[]> {
    const exists = await this.kuzzle.indexExists(index);
    const all = exists ? await this.kuzzle.listCollections(index) : [];
    const refusals = await Promise.all(
      all.map((collection) =>
        this.refusedAction(request, native, index, collection),
      ),
    );
    const usable = all.filter((_, i) => refusals[i] === undefined);

    if (usable.length === 0) {
      const refused =
        refusals[0] ?? (await this.refusedAction(request, native, index));
      if (refused !== undefined) {
        throw refusal(request, refused);
      }
    }
    if (!exists) {
      throw NATIVE_ERRORS.unknownIndex(index);
    }
    return usable;
  }

  /** The first of the two actions needed for which the right is lacking. */
  private async refusedAction(
    request: KuzzleRequest,
    native: NativeAction,
    index: string,
    collection?: string,
  ): Promise<Action | undefined> {
    if (!isSubjectToRights(request)) {
      return undefined;
    }
    const { user } = request.context;
    const own: Action = {
      controller: String(request.input.controller),
      action: String(request.input.action),
    };
    for (const needed of [own, native]) {
      const probe = new KuzzleRequest(
        { ...needed, index, collection },
        request.context,
      );
      if (user === null || !(await user.isActionAllowed(probe))) {
        return needed;
      }
    }
    return undefined;
  }
}

interface Action {
  readonly controller: string;
  readonly action: string;
}

/**
 * As for native actions, the embedded SDK is subject to rights only if the
 * application says so (`sdk.as(user, { checkRights: true })`).
 */
function isSubjectToRights(request: KuzzleRequest): boolean {
  return (
    request.context.connection.protocol !== "funnel" ||
    request.input.args.__checkRights__ === true
  );
}

function refusal(
  request: KuzzleRequest,
  { controller, action }: Action,
): Error {
  const userId = String(request.getKuid());
  return userId === ANONYMOUS
    ? NATIVE_ERRORS.unauthorized(controller, action, userId)
    : NATIVE_ERRORS.forbidden(controller, action, userId);
}

const ANONYMOUS = "-1";
