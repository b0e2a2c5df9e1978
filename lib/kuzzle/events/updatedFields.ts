import _ from "lodash";

import type { DoneWrite, WriteDocument } from "../../core/commands";
import { parsedContent } from "../../core/RawSource";
import type { Source } from "../../types";

/**
 * Returns a function that lists the fields an operation named, by the operation's
 * result.
 */
export function updatedFieldsIn(
  documents: readonly WriteDocument[],
): (done: DoneWrite) => string[] {
  const asked = new Map(documents.map((each) => [each.position, each]));
  return ({ position }) => {
    const { body } = asked.get(position) as WriteDocument;
    return updatedFields(parsedContent(body));
  };
}

/**
 * The paths of the fields that an update names, as native notifications list
 * them: `{ a: { b: 1 }, c: [] }` gives `["a.b", "c"]`.
 */
export function updatedFields(body: Source, prefix = ""): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (name === "_kuzzle_info") {
      return [];
    }
    return _.isPlainObject(value)
      ? updatedFields(value as Source, `${prefix}${name}.`)
      : [`${prefix}${name}`];
  });
}
