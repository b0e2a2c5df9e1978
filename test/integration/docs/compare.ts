/** Compares what the documentation shows with what was received. */
import { type Literal, OPEN } from "./literal";

/** They differ from run to run, so only their type is compared. */
const VOLATILE = new Set([
  ...["requestId", "node", "room", "journalId", "kuid", "updater", "author"],
  ...["_version", "_seq_no", "_primary_term", "createdAt", "updatedAt"],
  ...["engineTookMs", "queueMs", "tookMs", "engineCalls", "expiresAt"],
]);

/** Sentences, whose figures may differ. */
const SENTENCES = new Set(["reason", "message"]);

/** What Kuzzle adds around every response, and pages leave out. */
const ENVELOPE = new Set([
  ...["action", "controller", "index", "collection", "requestId"],
  ...["headers", "volatile", "node", "room", "deprecations"],
]);
const ERROR_ENVELOPE = new Set(["code", "props", "stack", "link"]);

interface Leniency {
  /** compare only the type of numbers */
  readonly anyFigures?: boolean;
}

/** The differences, by path; empty if there are none. */
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

/** Part of the sentences of Elasticsearch 7, but not of 8. */
const OF_ONE_VERSION = /\[_doc\](?=\[)/g;

/**
 * `…` and `<anything>` match any text.
 *
 * @param isSentence whether its figures may differ
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
