import type { Address, Source, StoredDocument } from "./documents";
import type { Failure } from "./failures";

/** An entry of `documents`. @public */
export interface FoundDocument<
  Content = Source,
> extends StoredDocument<Content> {
  readonly index: string;
  readonly collection: string;
}

/** An entry of `not_found`, in the form in which it was requested. @public */
export type NotFound = string | Address;

/** An entry of a batchGet's `errors`. @public */
export interface GetError extends Failure {
  /** as it was requested; not necessarily a string */
  readonly _id: unknown;
  readonly collection?: string;
  readonly position: number;
}
