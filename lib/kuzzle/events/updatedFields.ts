import _ from "lodash";

import type { Source } from "../../types";

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
