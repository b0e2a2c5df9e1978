import type { KuzzleRequest } from "kuzzle";

import { NATIVE_ERRORS } from "../../errors";
import { ANONYMOUS } from "../request";
import { Rights, type Action } from "./Rights";
import type { KuzzleServices } from "../KuzzleServices";

/** A native action that the user must be allowed to run on each collection involved. */
export interface NativeAction {
  readonly controller: "document" | "bulk";
  readonly action:
    | "mGet"
    | "mCreate"
    | "mCreateOrReplace"
    | "mReplace"
    | "mWrite"
    | "mUpdate"
    | "mUpsert"
    | "mDelete";
}

/**
 * Checks rights first, then existence, so that nobody without rights learns whether a
 * collection exists.
 */
export class Access {
  constructor(private readonly kuzzle: KuzzleServices) {}

  /**
   * @throws 403 (401 for anonymous users) when one of the collections may not be used,
   * 412 when one of them, or the index, does not exist
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

  /** @throws 403 (401 for anonymous users), whether a collection exists or not */
  async assertRights(
    request: KuzzleRequest,
    native: NativeAction,
    index: string,
    collections: readonly string[],
  ): Promise<void> {
    if (collections.length === 0) {
      return;
    }
    const forbiddenAction = await this.forbiddenActions(request, native);
    for (const collection of collections) {
      const forbidden = forbiddenAction(index, collection);
      if (forbidden !== undefined) {
        throw rightsError(request, forbidden, `${index}:${collection}`);
      }
    }
  }

  /** Call this only after checking rights. @throws 412 */
  async assertExistence(
    index: string,
    collections: readonly string[],
  ): Promise<void> {
    for (const collection of collections) {
      if (!(await this.kuzzle.collectionExists(index, collection))) {
        await this.assertIndexExists(index);
        throw NATIVE_ERRORS.unknownCollection(index, collection);
      }
    }
    if (collections.length === 0) {
      await this.assertIndexExists(index);
    }
  }

  private async assertIndexExists(index: string): Promise<void> {
    if (!(await this.kuzzle.indexExists(index))) {
      throw NATIVE_ERRORS.unknownIndex(index);
    }
  }

  /**
   * The collections of an index that the caller may use.
   *
   * @throws 403 (401 for anonymous users) when there is none, 412 when the index does
   * not exist and the caller could have used it
   */
  async usableCollections(
    request: KuzzleRequest,
    native: NativeAction,
    index: string,
  ): Promise<string[]> {
    const exists = await this.kuzzle.indexExists(index);
    const all = exists ? await this.kuzzle.listCollections(index) : [];
    const forbiddenAction = await this.forbiddenActions(request, native);
    const usable = all.filter(
      (collection) => forbiddenAction(index, collection) === undefined,
    );

    if (usable.length === 0) {
      const forbidden = forbiddenAction(index, all[0]);
      if (forbidden !== undefined) {
        throw rightsError(request, forbidden);
      }
    }
    if (!exists) {
      throw NATIVE_ERRORS.unknownIndex(index);
    }
    return usable;
  }

  /** Finds the first of the two required actions that the user may not run. */
  private async forbiddenActions(
    request: KuzzleRequest,
    native: NativeAction,
  ): Promise<(index: string, collection?: string) => Action | undefined> {
    if (!isSubjectToRights(request)) {
      return () => undefined;
    }
    const own: Action = {
      controller: String(request.input.controller),
      action: String(request.input.action),
    };
    const needed = [own, native];
    const rights = await Rights.of(request);
    return (index, collection) =>
      needed.find((action) => !rights.allow(action, index, collection));
  }
}

/**
 * As with native actions, rights only apply to the embedded SDK if the application says
 * so (`sdk.as(user, { checkRights: true })`).
 */
function isSubjectToRights(request: KuzzleRequest): boolean {
  return (
    request.context.connection.protocol !== "funnel" ||
    request.input.args.__checkRights__ === true
  );
}

function rightsError(
  request: KuzzleRequest,
  { controller, action }: Action,
  place?: string,
): Error {
  const userId = String(request.getKuid());
  return userId === ANONYMOUS
    ? NATIVE_ERRORS.unauthorized(controller, action, userId)
    : NATIVE_ERRORS.forbidden(controller, action, userId, place);
}
