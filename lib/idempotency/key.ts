import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";
import { createHash } from "node:crypto";

import { isTooDeep } from "../core/validation/items";
import { batchError } from "../errors";
import { ANONYMOUS } from "../kuzzle/request";

/** An idempotency key of one user. */
export interface IdempotencyKey {
  /** identical for the same user and key */
  readonly digest: string;
}

/**
 * The key of a request, from its argument or the header.
 *
 * @throws `batch.request.invalid` when it is not text, or nobody is logged in
 */
export function readKey(request: KuzzleRequest): IdempotencyKey | undefined {
  const { args, headers } = request.input;
  const header: unknown = headers?.["idempotency-key"];
  // an empty argument is a form field that was not filled in
  const argument: unknown = args.idempotencyKey;
  const key = argument === "" ? header : (argument ?? header);
  if (key === undefined || key === null) {
    return undefined;
  }
  if (typeof key !== "string" || key === "" || key.length > 255) {
    throw batchError("batch.request.invalid", {
      place: "idempotencyKey",
      expected: "a string of 1 to 255 characters",
    });
  }
  const userId = request.getKuid();
  if (userId === null || userId === ANONYMOUS) {
    throw batchError("batch.request.invalid", {
      place: "idempotencyKey",
      expected: "left out: it belongs to a user, and nobody is logged in",
    });
  }
  return { digest: digest([userId, key]) };
}

/**
 * Distinguishes requests by action, parsed arguments, and body. On protocols other than
 * HTTP, a request has more than these, such as its own id, which never repeats.
 */
export function fingerprint(
  { input: { controller, action, body } }: KuzzleRequest,
  args: object,
): string {
  return digest([controller, action, args, withoutTooDeep(body)]);
}

/** Values that are too deep are invalid in any case, and could not be serialized. */
function withoutTooDeep(body: unknown): unknown {
  return _.mapValues(body as object, (value: unknown) =>
    Array.isArray(value)
      ? value.map((each: unknown) => (isTooDeep(each) ? null : each))
      : value,
  );
}

/** The id for a document without one: identical for a repeated request. */
export function derivedId(
  { digest: key }: IdempotencyKey,
  position: number,
): string {
  return digest([key, position]);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
