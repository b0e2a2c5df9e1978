import type { DocumentRow } from "../input/rows";

/** What a request needs to know about a row. */
export type SentRow = Pick<DocumentRow, "row" | "wire">;

/** How the document of a row is embedded in a request. */
export interface Wrap {
  readonly list: "documents" | "operations";
  /** before the row's object */
  readonly before: string;
  /** replaces the object's closing brace, in ASCII */
  readonly after: string;
}

/** Unchanged. */
export const PLAIN: Wrap = { list: "documents", before: "", after: "}" };

/** Only if its id does not exist yet. */
export const CREATE: Wrap = { ...PLAIN, after: ',"ifAbsent":true}' };

/** Merged into the document with its id, if there is one. */
export const UPSERT: Wrap = {
  ...{ list: "operations", before: '{"upsert":', after: "}}" },
};

/** Deletes by id: the row is `{"_id":…}`. */
export const DELETE: Wrap = {
  ...{ list: "operations", before: '{"delete":', after: "}}" },
};

/** `{"operations":[` and `]}` */
export const BODY_BYTES = 17;

const BODY = Buffer.from(',"body":');
const CHANGES = Buffer.from(',"changes":');

/** The maximum number of bytes sent for each document in addition to its row. */
export function wrapBytes({ list, before, after }: Wrap): number {
  const renamed = list === "operations" ? CHANGES.length - BODY.length : 0;
  return before.length + after.length - 1 + renamed;
}

/** The body of a request with these documents. */
export function bodyOf(
  documents: readonly SentRow[],
  { list, before, after }: Wrap = PLAIN,
): Buffer {
  const parts: Buffer[] = [Buffer.from(`{"${list}":[`)];
  const [start, end] = [Buffer.from(before), Buffer.from(after)];
  documents.forEach(({ wire }, i) => {
    if (i > 0) parts.push(COMMA);
    const content = list === "operations" ? named(wire) : [wire];
    parts.push(start, ...content.slice(0, -1));
    parts.push((content.at(-1) as Buffer).subarray(0, -1), end);
  });
  return Buffer.concat([...parts, TAIL]);
}

/** An upsert has its body in `changes`; as a string, its quotes would be escaped. */
function named(wire: Buffer): Buffer[] {
  const at = wire.indexOf(BODY);
  return at < 0
    ? [wire]
    : [wire.subarray(0, at), CHANGES, wire.subarray(at + BODY.length)];
}

const COMMA = Buffer.from(",");
const TAIL = Buffer.from("]}");
