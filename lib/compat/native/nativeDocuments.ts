import type { Failure, Source, WriteInput } from "../../types";
import type { ValidationError, WriteDocument } from "../../core/commands";
import { validateId, invalidItem, isObject } from "../../core/validation/items";
import { askedWrite } from "../../core/validation/writeInput";

export interface NativeDocuments {
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<WriteInput>[];
}

/**
 * The documents of a `bulk:mWrite` as Kuzzle itself takes them, which is with
 * less care than we do: an empty id is none, a number is one, conditions are
 * nothing to it. A defect is only what the engine or Kuzzle surely refuses.
 */
export function nativeDocuments(entries: readonly unknown[]): NativeDocuments {
  const documents: WriteDocument[] = [];
  const validationErrors: ValidationError<WriteInput>[] = [];

  entries.forEach((entry, position) => {
    const asked = askedWrite(entry);
    const failure = defectOf(entry, `documents[${position}]`);
    if (failure === undefined) {
      const body = asked.body as Source;
      documents.push({ position, _id: String(asked._id), body });
    } else {
      validationErrors.push({ position, asked, failure });
    }
  });
  return { documents, validationErrors };
}

function defectOf(entry: unknown, place: string): Failure | undefined {
  if (!isObject(entry)) {
    return invalidItem(`${place} must be an object.`);
  }
  const { _id, body } = entry;
  if (!isObject(body)) {
    return invalidItem(`${place}.body must be an object.`);
  }
  return typeof _id === "object" || typeof _id === "string"
    ? givenIdDefect(_id, `${place}._id`)
    : undefined;
}

/** Of an empty id Kuzzle makes one of the engine's own. */
function givenIdDefect(
  _id: object | string | null,
  place: string,
): Failure | undefined {
  return _id === null || _id === "" ? undefined : validateId(_id, place);
}
