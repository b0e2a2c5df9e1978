/** The documents of an atomic batch: the operation on each, and its expected result. */
import { isEqual, omit } from "lodash";

export const INDEX = "kill";
export const COLLECTIONS = ["documents", "orders", "stocks"] as const;

export type Action = "mWrite" | "batchWrite";

/** One document of a batch. Its id is unique across collections. */
export interface Target {
  readonly collection: string;
  readonly _id: string;
  /** as in the body of `batchWrite`; mWrite only has `write` */
  readonly op: string;
  /** what the request says about it, besides its address */
  readonly content: Readonly<Record<string, unknown>>;
  /** it exists before the batch */
  readonly isThere: boolean;
}

/** Every second one exists before the batch. */
const DOCUMENTS = 40;
const OPS_ON_PRESENT = ["replace", "update", "upsert", "delete"];
const OPS_ON_ABSENT = ["create", "upsert", "write", "createOrReplace"];
/** An integer that parsing changes, and whitespace: the bytes are preserved, or not. */
const BIG = '"big":9007199254740993';

/** @param isRefused the engine is to reject the last one */
export function targetsOf(
  action: Action,
  round: number,
  isRefused: boolean,
): Target[] {
  return Array.from({ length: DOCUMENTS }, (_, i) => {
    const _id = `r${round}-${String(i).padStart(2, "0")}`;
    const isThere = i % 2 === 0;
    const ops = isThere ? OPS_ON_PRESENT : OPS_ON_ABSENT;
    const op =
      action === "mWrite" ? "write" : (ops[(i >> 1) % ops.length] as string);
    const body =
      isRefused && i === DOCUMENTS - 1
        ? { day: "no day at all" }
        : { is: _id, filler: "x".repeat(200) };
    return {
      collection: COLLECTIONS[action === "mWrite" ? 0 : i % 3] as string,
      _id,
      op,
      content: contentOf(op, body),
      isThere,
    };
  });
}

function contentOf(op: string, body: object): Target["content"] {
  switch (op) {
    case "delete":
      return {};
    case "upsert":
      return { changes: body, default: { new: true } };
    default:
      return { body };
  }
}

/** The text of a document that exists before the batch. */
export function textBefore({ _id }: Target): string {
  return `{ "was" : "${_id}", ${BIG} }`;
}

/** The path and the body of the request, without arguments. */
export function requestOf(
  action: Action,
  targets: readonly Target[],
): { path: string; body: string } {
  return action === "mWrite"
    ? {
        path: `/_/batch/${INDEX}/${COLLECTIONS[0]}/_mWrite`,
        body: JSON.stringify({
          documents: targets.map(({ _id, content }) => ({ _id, ...content })),
        }),
      }
    : {
        path: `/_/batch/${INDEX}/_batchWrite`,
        body: JSON.stringify({
          operations: targets.map(({ op, collection, _id, content }) => ({
            [op]: { collection, _id, ...content },
          })),
        }),
      };
}

/**
 * Whether a text is what the batch was to write.
 *
 * @param found what the batch found there; null: no document
 */
export function isIntended(
  { op, content }: Target,
  found: string | null,
  text: string | null,
): boolean {
  if (op === "delete" || text === null) {
    return op === "delete" && text === null;
  }
  if (op === "write") {
    return text === JSON.stringify(content["body"]);
  }
  const changes = content["body"] ?? content["changes"];
  const isMerged = op === "update" || op === "upsert";
  const base = found === null ? content["default"] : JSON.parse(found);
  const expected: unknown = { ...(isMerged && base), ...(changes as object) };
  const isExact = !isMerged || !found?.includes(BIG) || text.includes(BIG);
  const stored = omit(JSON.parse(text) as object, "_kuzzle_info");
  return isExact && isEqual(stored, expected);
}
