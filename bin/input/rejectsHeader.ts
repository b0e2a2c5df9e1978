import { CELL_TYPES, type CellType } from "./cells";
import { InputError } from "./rawRow";

/** How the input of a rejects file was read, to read its rows the same way again. */
export interface RejectsOrigin {
  readonly format: "ndjson" | "json" | "csv";
  readonly bare: boolean;
  readonly force: boolean;
  readonly idField: string | undefined;
  readonly delimiter: string | undefined;
  readonly types: ReadonlyMap<string, CellType>;
  readonly nested: boolean;
  /** of CSV */
  readonly columns: readonly string[] | undefined;
}

const KEY = '{"rejects":';
const VERSION = 1;

/** The first line of a rejects file. */
export function rejectsHeader({ types, ...origin }: RejectsOrigin): string {
  const options = { ...origin, types: Object.fromEntries(types) };
  return JSON.stringify({ rejects: { version: VERSION, ...options } });
}

export function isRejectsHeader(first: Buffer): boolean {
  return first.subarray(0, KEY.length).toString() === KEY;
}

/**
 * @param first the first line of the input, or more
 * @returns undefined for an input that is not a rejects file
 * @throws InputError for a rejects file of another version
 */
export function readRejectsHeader(first: Buffer): RejectsOrigin | undefined {
  if (!isRejectsHeader(first)) return undefined;
  const [line = ""] = first.toString().split("\n", 1);
  try {
    const { rejects } = JSON.parse(line) as {
      rejects: RejectsOrigin & { version: number };
    };
    if (rejects.version === VERSION) {
      return { ...rejects, types: typesOf(rejects.types) };
    }
  } catch {
    // treated as another version
  }
  throw new InputError(
    "The first line of this rejects file is from another version of the command.",
  );
}

function typesOf(types: unknown): ReadonlyMap<string, CellType> {
  const entries = Object.entries((types ?? {}) as Record<string, CellType>);
  return new Map(entries.filter(([, type]) => CELL_TYPES.includes(type)));
}
