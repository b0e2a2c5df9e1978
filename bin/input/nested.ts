import { InputError } from "./rawRow";

/** Fields by path, each value as JSON. */
type Fields = ReadonlyArray<readonly [path: string, json: string]>;

/** An object whose fields are named by their paths. */
export function flatJson(fields: Fields): string {
  const members = fields.map(
    ([name, json]) => `${JSON.stringify(name)}:${json}`,
  );
  return `{${members.join(",")}}`;
}

/** An object with a nested object for each dot of a path: `address.city`. */
export function nestedJson(fields: Fields): string {
  const inner = new Map<string, Array<[string, string]>>();
  const members: Array<[string, string]> = [];
  for (const [path, json] of fields) {
    const dot = path.indexOf(".");
    if (dot < 0) {
      members.push([path, json]);
      continue;
    }
    const name = path.slice(0, dot);
    const known = inner.get(name) ?? [];
    inner.set(name, [...known, [path.slice(dot + 1), json]]);
  }
  for (const [name, some] of inner) members.push([name, nestedJson(some)]);
  return flatJson(members);
}

/**
 * @throws InputError if a part of a path is empty, or a path is both a value and an
 *   object
 */
export function assertPathsFit(paths: readonly string[]): void {
  for (const path of paths) {
    if (path.split(".").includes("")) {
      throw new InputError(`The column ${path} cannot be nested.`);
    }
    const inner = paths.find((other) => other.startsWith(`${path}.`));
    if (inner !== undefined) {
      throw new InputError(
        `The columns ${path} and ${inner} cannot both be nested.`,
      );
    }
  }
}
