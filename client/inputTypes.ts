/** What the client's methods take. */

/**
 * A list, or anything else that can be gone through. The list has a case of its own for
 * the compiler's sake: of a wrong key in one it says just that.
 *
 * @public
 */
export type Items<Item> = readonly Item[] | Iterable<Item>;

/** @public */
export type RequestedDocument =
  string | { readonly _id: string; readonly collection?: string };

/**
 * The content of a document: an object, in which integers beyond 2^53 may be BigInt,
 * or JSON text, which is written byte for byte.
 *
 * @public
 */
export type Content<Body> =
  | { readonly body: Body; readonly json?: undefined }
  | { readonly json: string; readonly body?: undefined };

/** A document to create or replace. Without `_id` it is given one. @public */
export type WriteInput<T extends object = Source> = WriteTarget & Content<T>;

/** A document to change a part of. @public */
export type UpdateInput<T extends object = Source> = UpdateTarget &
  Content<Partial<T>>;

/** @public */
export interface WriteTarget {
  readonly _id?: string | undefined;
  /** only where there is none yet */
  readonly ifAbsent?: boolean | undefined;
  /** only where it is still as it was seen; both, or none */
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
}

/** @public */
export interface UpdateTarget {
  readonly _id: string;
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
}

/** Where an operation of a batchWrite is done. @public */
export interface InCollection {
  readonly collection?: string | undefined;
}

/** @public */
export interface UpsertInput<T extends object = Source> {
  readonly _id: string;
  readonly changes: Partial<T>;
  /** additional fields for a new document */
  readonly default?: Partial<T> | undefined;
}

/** What each operation takes. @public */
export interface OperationInputs<T extends object = Source> {
  readonly create: InCollection & Pick<WriteTarget, "_id"> & Content<T>;
  readonly createOrReplace: InCollection &
    Omit<WriteTarget, "ifAbsent"> &
    Content<T>;
  readonly replace: InCollection & UpdateTarget & Content<T>;
  readonly write: InCollection & WriteInput<T>;
  readonly update: InCollection & UpdateInput<T>;
  readonly upsert: InCollection & UpsertInput<T>;
  readonly delete: InCollection & UpdateTarget;
}

/** One operation of a batchWrite: one of these keys. @public */
export type Operation<T extends object = Source> =
  | { readonly create: OperationInputs<T>["create"] }
  | { readonly createOrReplace: OperationInputs<T>["createOrReplace"] }
  | { readonly replace: OperationInputs<T>["replace"] }
  | { readonly write: OperationInputs<T>["write"] }
  | { readonly update: OperationInputs<T>["update"] }
  | { readonly upsert: OperationInputs<T>["upsert"] }
  | { readonly delete: OperationInputs<T>["delete"] };

/** A document's content, where nothing is known of it. @public */
export type Source = Record<string, unknown>;
