/** Whether what the documentation shows is what came. */
import { type Literal, OPEN } from "./literal";

/** Differ from run to run: their type is compared. */
const VOLATILE = new Set([
  ...["requestId", "node", "room", "journalId", "kuid", "updater", "author"],
  ...["_version", "_seq_no", "_primary_term", "createdAt", "updatedAt"],
  ...["engineTookMs", "queueMs", "tookMs", "engineCalls", "expiresAt"],
]);

/** Sentences: the figures in them differ. */
const SENTENCES = new Set(["reason", "message"]);

/** What Kuzzle adds around every answer, and pages leave out. */
const ENVELOPE = new Set([
  ...["action", "controller", "index", "collection", "requestId"],
  ...["headers", "volatile", "node", "room", "deprecations"],
]);
const ERROR_ENVELOPE = new Set(["code", "props", "stack", "link"]);

interface Leniency {
  /** numbers are compared by type alone */
  readonly anyFigures?: boolean;
}

/** In what the two differ, by place; empty when they agree. */
export function differences(
  actual: unknown,
  shown: Literal,
  leniency: Leniency = {},
  place = "answer",
): string[] {
  if (Array.isArray(shown)) return ofLists(actual, shown, leniency, place);
  if (typeof shown === "object" && shown !== null) {
    return ofObjects(actual, shown, leniency, place);
  }
  return isSame(actual, shown, leniency, place.split(".").at(-1) ?? "")
    ? []
    : [
        `${place} is ${JSON.stringify(actual)}, shown as ${JSON.stringify(shown)}`,
      ];
}

function isSame(
  actual: unknown,
  shown: Literal,
  { anyFigures = false }: Leniency,
  key: string,
): boolean {
  if (VOLATILE.has(key) || (anyFigures && typeof shown === "number")) {
    return typeof actual === typeof shown;
  }
  return typeof shown === "string" && typeof actual === "string"
    ? matches(actual, shown, SENTENCES.has(key))
    : actual === shown;
}

function ofLists(
  actual: unknown,
  shown: Literal[],
  leniency: Leniency,
  place: string,
): string[] {
  if (!Array.isArray(actual)) return [`${place} is no list`];
  if (OPEN in shown) return [];
  return actual.length === shown.length
    ? shown.flatMap((each, i) =>
        differences(actual[i], each, leniency, `${place}[${i}]`),
      )
    : [
        `${place} has ${actual.length} entries (${JSON.stringify(actual)}), shown are ${shown.length}`,
      ];
}

function ofObjects(
  actual: unknown,
  shown: { [key: string]: Literal; [OPEN]?: true },
  leniency: Leniency,
  place: string,
): string[] {
  if (typeof actual !== "object" || actual === null || Array.isArray(actual)) {
    return [`${place} is ${JSON.stringify(actual)}, shown as an object`];
  }
  const extra = Object.keys(actual).filter(
    (key) => !(key in shown) && !isLeftOut(place, key),
  );
  return [
    ...(OPEN in shown
      ? []
      : extra.map((key) => `${place}.${key} is not shown`)),
    ...Object.entries(shown).flatMap(([key, value]) =>
      key in actual
        ? differences(
            (actual as Record<string, unknown>)[key],
            value,
            leniency,
            `${place}.${key}`,
          )
        : [`${place}.${key} is shown, and was not answered`],
    ),
  ];
}

function isLeftOut(place: string, key: string): boolean {
  return (
    (place === "answer" && ENVELOPE.has(key)) ||
    (place === "answer.error" && ERROR_ENVELOPE.has(key))
  );
}

/** What Elasticsearch 7 says in its sentences, and 8 does not. */
const OF_ONE_VERSION = /\[_doc\](?=\[)/g;

/**
 * `…` and `<anything>` stand for any text.
 *
 * @param isSentence figures in it may be others
 */
export function matches(
  actual: string,
  shown: string,
  isSentence = false,
): boolean {
  if (isSentence) {
    const [a, b] = [actual, shown].map((each) =>
      each.replace(OF_ONE_VERSION, "").replace(/\d[\d,.]*/g, "0"),
    );
    return matches(a ?? "", b ?? "");
  }
  const pattern = shown
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/…|<[a-z][^<>]*>/gi, "[\\s\\S]*")
    .replace(/\s+/g, "\\s+");
  return new RegExp(`^${pattern}$`).test(actual.trim());
}
