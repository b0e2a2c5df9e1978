import type { Failure, Source } from "../../types";
import type {
  AskedWrite,
  ValidationError,
  WriteDocument,
} from "../../core/commands";
import { validateId, invalidItem, isObject } from "../../core/validation/items";
import { askedDocument } from "../../core/validation/writeInput";

export interface NativeDocuments {
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<AskedWrite>[];
}

/**
 * The documents of a `bulk:mWrite` as Kuzzle itself accepts them, which is less strict:
 * it replaces an empty id, accepts a number as id, and ignores conditions. Only what
 * the engine or Kuzzle certainly rejects is invalid.
 */
export function nativeDocuments(
  entries: readonly unknown[],
  collection: string,
): NativeDocuments {
  const documents: WriteDocument[] = [];
  const validationErrors: ValidationError<AskedWrite>[] = [];

  entries.forEach((entry, position) => {
    const document = askedDocument(entry);
    const failure = validateEntry(entry, `documents[${position}]`);
    if (failure === undefined) {
      const body = document.body as Source;
      const _id = String(document._id);
      documents.push({ position, op: "write", collection, _id, body });
    } else {
      validationErrors.push({ position, asked: { document }, failure });
    }
  });
  return { documents, validationErrors };
}

function validateEntry(entry: unknown, place: string): Failure | undefined {
  if (!isObject(entry)) {
    return invalidItem(`${place} must be an object.`);
  }
  const { _id, body } = entry;
  if (!isObject(body)) {
    return invalidItem(`${place}.body must be an object.`);
  }
  return typeof _id === "object" || typeof _id === "string"
    ? validateGivenId(_id, `${place}._id`)
    : undefined;
}

/** For an empty id, Kuzzle lets the engine generate one. */
function validateGivenId(
  _id: object | string | null,
  place: string,
): Failure | undefined {
  return _id === null || _id === "" ? undefined : validateId(_id, place);
}
