/** Requests of every action about a few documents, with distinct values. */
import { randomInt } from "node:crypto";

import type { Action } from "../../support/actions";
import type { WriteEvent } from "./events";

export interface PlannedRequest {
  readonly action: Action;
  /** of a write, by position */
  readonly parts: ReadonlyArray<Pick<WriteEvent, "_id" | "kind" | "value">>;
  readonly request: object;
}

/** A document's content: the last replacement's value, and those of updates since. */
export interface Body {
  readonly value: string;
  readonly updates: Readonly<Record<string, true>>;
}

const DOCUMENTS = 5;

/** @param tag unique to the request */
export function planRequest(
  action: Action,
  ids: readonly string[],
  tag: string,
): PlannedRequest {
  if (action === "batchGet") {
    return { action, parts: [], request: { action, body: { ids } } };
  }
  const parts = chooseSome(ids).map((_id, i) => ({
    _id,
    ...changeOf(action, `${tag}-${i}`),
  }));
  const documents = parts.map((part) => ({
    _id: part._id,
    body: bodyOf(part),
  }));
  const request =
    action === "batchWrite"
      ? {
          action,
          body: { operations: parts.map((part) => operationOf(part)) },
        }
      : {
          action: action === "atomic" ? "mWrite" : action,
          ...(action === "atomic" && { atomic: true }),
          body: { documents },
        };
  const isWithKey = randomInt(3) === 0;
  return {
    action,
    parts,
    request: { ...request, ...(isWithKey && { idempotencyKey: tag }) },
  };
}

function changeOf(
  action: Action,
  value: string,
): Pick<WriteEvent, "kind" | "value"> {
  switch (action) {
    case "mUpdate":
      return { kind: "update", value };
    case "batchWrite":
      return (
        [
          { kind: "replace", value },
          { kind: "update", value },
          { kind: "replace", value: undefined },
        ] as const
      )[randomInt(3)] as Pick<WriteEvent, "kind" | "value">;
    default:
      return { kind: "replace", value };
  }
}

type Part = PlannedRequest["parts"][number];

function bodyOf({ kind, value = "" }: Part): Partial<Body> {
  return kind === "update"
    ? { updates: { [value]: true } }
    : { value, updates: {} };
}

function operationOf(part: Part): object {
  const { _id, kind, value } = part;
  if (value === undefined) {
    return { delete: { _id } };
  }
  const document = { _id, body: bodyOf(part) };
  return kind === "update" ? { update: document } : { write: document };
}

function chooseSome(ids: readonly string[]): string[] {
  const rest = [...ids];
  return Array.from(
    { length: Math.min(DOCUMENTS, ids.length) },
    () => rest.splice(randomInt(rest.length), 1)[0] as string,
  );
}
