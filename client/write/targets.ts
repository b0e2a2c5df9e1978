import type { WriteError } from "../types";

/** Where the entries of a call go. */
export interface WriteTarget {
  readonly action: "mWrite" | "mUpdate" | "batchWrite";
  /** of a batchWrite: the collection of operations that name none */
  readonly collection: string | undefined;
}

type Action = WriteTarget["action"];

/** The operation of an entry by its name, whatever else the entry contains. */
function operationOf(entry: unknown): {
  readonly op?: WriteError["op"];
  readonly document: unknown;
} {
  if (typeof entry !== "object" || entry === null) {
    return { document: entry };
  }
  const [op] = Object.keys(entry) as WriteError["op"][];
  return { op, document: op && (entry as Record<string, unknown>)[op] };
}

function documentOf(action: Action, entry: unknown): unknown {
  return action === "batchWrite" ? operationOf(entry).document : entry;
}

/**
 * A key that identifies the document of an entry within a call, if the entry has an id.
 *
 * @param collection collection of entries that name none
 */
export function targetOf(
  { action, collection = "" }: WriteTarget,
  entry: unknown,
): string | undefined {
  const document = documentOf(action, entry);
  const target = (document ?? {}) as { _id?: unknown; collection?: unknown };
  if (typeof target._id !== "string") {
    return undefined;
  }
  if (action !== "batchWrite") {
    return target._id;
  }
  const own = target.collection ?? collection;
  return `${typeof own === "string" ? own : JSON.stringify(own)}/${target._id}`;
}

/** How an entry of `errors` identifies its document. */
export function askedEntry(
  { action, collection }: WriteTarget,
  entry: unknown,
): Pick<WriteError, "op" | "collection" | "document"> {
  if (action !== "batchWrite") {
    return { document: asDocument(entry) };
  }
  const { op, document } = operationOf(entry);
  const own = (document ?? {}) as { collection?: unknown };
  return {
    ...(op !== undefined && { op }),
    collection: own.collection ?? collection,
    document: asDocument(document),
  };
}

const CONTENTS = ["body", "json", "changes", "default", "defaultJson"] as const;

/** A document as the caller passed it, whatever it is. */
function asDocument(document: unknown): WriteError["document"] {
  if (typeof document !== "object" || document === null) {
    return { _id: undefined, body: document };
  }
  const given = document as WriteError["document"];
  const contents = CONTENTS.filter((name) => given[name] !== undefined);
  return {
    _id: given._id,
    ...Object.fromEntries(contents.map((name) => [name, given[name]])),
  };
}

/** Operations that assign an id to a document that has none. */
const ASSIGNING: readonly unknown[] = ["create", "createOrReplace", "write"];

/** The entry with a client-made id, if the server would assign one. */
export function withNewId(
  action: Action,
  entry: unknown,
  newId: () => string,
): unknown {
  const op = action === "batchWrite" ? operationOf(entry).op : "write";
  const document = documentOf(action, entry);
  if (
    action === "mUpdate" ||
    !ASSIGNING.includes(op) ||
    typeof document !== "object" ||
    document === null ||
    ((document as { _id?: unknown })._id ?? null) !== null
  ) {
    return entry;
  }
  const named = { ...document, _id: newId() };
  return action === "batchWrite" ? { [String(op)]: named } : named;
}

/** The entry with its document converted by `convert`. */
export async function withContent(
  action: Action,
  entry: unknown,
  convert: (document: unknown) => Promise<unknown>,
): Promise<unknown> {
  const { op, document } = operationOf(entry);
  return action === "batchWrite"
    ? { [String(op)]: await convert(document) }
    : convert(entry);
}
