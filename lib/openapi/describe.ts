import type { ErrorId } from "../errors";
import type { ArgumentName } from "./arguments";
import type { Response } from "./responses";
import type { Schema } from "./schema";

/** Everything that there is to say of an action, whatever its routes. */
export interface ActionDescription {
  /** in a list of actions */
  readonly summary: string;
  readonly description: string;
  /** its arguments without the body, in this order */
  readonly arguments: readonly ArgumentName[];
  readonly body: Schema;
  /** by status, where it did what was asked, or a part of it */
  readonly answers: Readonly<Record<number, Response>>;
  /** the plugin's own errors that it throws */
  readonly errors: readonly ErrorId[];
  /** an entry of `error.errors` */
  readonly errorEntry?: Schema;
}
