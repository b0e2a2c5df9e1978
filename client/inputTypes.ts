/** What the client's methods accept. */

/**
 * A list or any other iterable. Lists are listed separately so that the compiler's
 * message about a wrong key in one is short.
 *
 * @public
 */
export type Items<Item> = readonly Item[] | Iterable<Item>;

/** @public */
export type RequestedDocument =
  string | { readonly _id: string; readonly collection?: string };

/**
 * The content of a document: an object, in which integers beyond 2^53 may be BigInt, or
 * JSON text, which is written unchanged.
 *
 * @public
 */
export type Content<Body> =
  | { readonly body: Body; readonly json?: undefined }
  | { readonly json: string; readonly body?: undefined };

/** A document to create or replace. Without an `_id`, it is assigned one. @public */
export type WriteInput<T extends object = Source> = WriteTarget & Content<T>;

/** A document to update partially. @public */
export type UpdateInput<T extends object = Source> = UpdateTarget &
  Content<Partial<T>>;

/** @public */
export interface WriteTarget {
  readonly _id?: string | undefined;
  /** write only if the document does not exist yet */
  readonly ifAbsent?: boolean | undefined;
  /** write only if the document has not changed since; set both or neither */
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
}

/** @public */
export interface UpdateTarget {
  readonly _id: string;
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
}

/** The collection of a batchWrite operation. @public */
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

/** What each operation accepts. @public */
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

/** One operation of a batchWrite: exactly one of these keys. @public */
export type Operation<T extends object = Source> =
  | { readonly create: OperationInputs<T>["create"] }
  | { readonly createOrReplace: OperationInputs<T>["createOrReplace"] }
  | { readonly replace: OperationInputs<T>["replace"] }
  | { readonly write: OperationInputs<T>["write"] }
  | { readonly update: OperationInputs<T>["update"] }
  | { readonly upsert: OperationInputs<T>["upsert"] }
  | { readonly delete: OperationInputs<T>["delete"] };

/** A document's content of unknown type. @public */
export type Source = Record<string, unknown>;
