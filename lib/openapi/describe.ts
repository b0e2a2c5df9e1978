import type { ErrorId } from "../errors";
import type { ArgumentName } from "./arguments";
import type { Response } from "./responses";
import type { Schema } from "./schema";

/** The description of an action, apart from its routes. */
export interface ActionDescription {
  /** shown in a list of actions */
  readonly summary: string;
  readonly description: string;
  /** its arguments in this order, without the body */
  readonly arguments: readonly ArgumentName[];
  readonly body: Schema;
  /** by status, for requests that succeeded fully or in part */
  readonly answers: Readonly<Record<number, Response>>;
  /** the plugin's own errors that the action throws */
  readonly errors: readonly ErrorId[];
  /** an entry of `error.errors` */
  readonly errorEntry?: Schema;
}
