import type { NumberMode } from "../types";

export type Parse = (json: string) => object;

/**
 * Only texts that match have numbers that `JSON.parse`, ten times as fast, could
 * change.
 */
const SUSPICIOUS = {
  // an integer beyond 2^53 has 16 digits or more
  bigint: /\d{16}/,
  // a decimal of 15 digits fits into a double; an exponent may exceed its range
  text: /[\d.]{16}|\d[eE]/,
} as const;

/**
 * Returns a parser of documents that never rounds a number silently. Its dependency is
 * loaded on first use.
 *
 * - `bigint`: integers beyond 2^53 are BigInt; decimals are doubles
 * - `text`: numbers that a double cannot represent are strings of their digits
 */
export async function documentParser(mode: NumberMode): Promise<Parse> {
  const { isSafeNumber, parse } = await import("lossless-json");
  const parseNumber = (digits: string): unknown => {
    if (mode === "text") return isSafeNumber(digits) ? Number(digits) : digits;
    const number = Number(digits);
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(number)
      ? BigInt(digits)
      : number;
  };
  const options = {
    parseNumber,
    // as JSON.parse does
    onDuplicateKey: ({ newValue }: { readonly newValue: unknown }) => newValue,
  };
  return (json) =>
    (SUSPICIOUS[mode].test(json)
      ? parse(json, undefined, options)
      : JSON.parse(json)) as object;
}

/** A document of a response that has its content as text. */
interface Textual {
  readonly json?: string;
  readonly _source?: unknown;
}

/**
 * Parses the content of the documents of a response. A document without text is left
 * unchanged: a pipe of the application made it, and its numbers are doubles.
 */
export function withSources<Each>(
  documents: readonly Each[],
  parse: Parse | undefined,
): readonly Each[] {
  if (parse === undefined || !Array.isArray(documents)) return documents;
  return documents.map((each: Each) => {
    const { json } = each as Textual;
    return json === undefined ? each : { ...each, _source: parse(json) };
  });
}

/**
 * Returns an entry of a write as text if its body has a BigInt: JSON does not limit
 * integers, but `JSON.stringify` does not support BigInt.
 *
 * @throws what JSON cannot express
 */
export async function asText(document: unknown): Promise<unknown> {
  const { body, changes, default: defaults, ...rest } = document as Contents;
  const { stringify } = await import("lossless-json");
  const json = stringify(body ?? changes);
  const defaultJson = stringify(defaults);
  return {
    ...rest,
    ...(json !== undefined && { json }),
    ...(defaultJson !== undefined && { defaultJson }),
  };
}

interface Contents {
  readonly body?: unknown;
  /** of an upsert, as `default` */
  readonly changes?: unknown;
  readonly default?: unknown;
}
