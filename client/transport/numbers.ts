import type { NumberMode } from "../types";

export type Parse = (json: string) => object;

/** Where no number can be changed by `JSON.parse`, which is ten times as fast. */
const SUSPICIOUS = {
  // an integer beyond 2^53 has 16 digits or more
  bigint: /\d{16}/,
  // a decimal of 15 digits is a double; an exponent may be beyond all doubles
  text: /[\d.]{16}|\d[eE]/,
} as const;

/**
 * A parser of documents that rounds no number as if it were exact. What it needs is
 * loaded here, when it is used for the first time.
 *
 * - `bigint`: integers beyond 2^53 are BigInt; decimals are doubles
 * - `text`: numbers that a double does not hold are strings of their digits
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

/** A document of an answer that has its content as text. */
interface Textual {
  readonly json?: string;
  readonly _source?: unknown;
}

/**
 * Gives documents of an answer their content. One without a text is left as it is:
 * a pipe of the application has made it, and its numbers are doubles.
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
 * An entry of a write whose body has a BigInt, as text: JSON has no limit for
 * integers, only `JSON.stringify` knows no BigInt.
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
