import { readFileSync } from "node:fs";

import { InvalidArgumentError } from "commander";

import { UsageError } from "../usage";

export const LANGUAGES = ["elasticsearch", "koncorde"] as const;

/** Selects documents of a collection. */
export interface SearchQuery {
  /** in the query's language; `{}` finds all */
  readonly query: object;
  readonly lang: (typeof LANGUAGES)[number];
  /** in Elasticsearch's format; undefined: any order, which is the fastest */
  readonly sort: readonly object[] | undefined;
}

/**
 * @param text the query itself, or a file with it; undefined for all documents
 * @throws UsageError if it is neither
 */
export function readQuery(text: string | undefined): object {
  if (text === undefined) return {};
  const isInline = text.trimStart().startsWith("{");
  try {
    const json = isInline ? text : readFileSync(text, "utf8");
    const query: unknown = JSON.parse(json);
    if (isQuery(query) && !("query" in query)) return query;
    if (isQuery(query)) {
      throw new Error("use only what is in its member `query`");
    }
    throw new Error("it is not a JSON object");
  } catch (error) {
    const what = isInline ? "" : ` in ${text}`;
    throw new UsageError(
      `The query${what} cannot be read: ${(error as Error).message}`,
    );
  }
}

function isQuery(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `population:desc,name` */
export function sortOrder(text: string): readonly object[] {
  return text.split(",").map((part) => {
    const [, field, order = "asc"] = /^(.+?)(?::(asc|desc))?$/.exec(part) ?? [];
    if (field === undefined) {
      throw new InvalidArgumentError(
        "It must be field,… or field:desc,… in the order of importance.",
      );
    }
    return { [field]: order };
  });
}
