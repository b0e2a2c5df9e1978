import { isUtf8 } from "node:buffer";

import { isObject } from "../input/JsonRows";
import { LineSplitter } from "../input/LineSplitter";
import type { RawRow } from "../input/rawRow";
import { idError } from "../input/rows";
import { openSource } from "../input/source";

/** A requested document, or an invalid line. */
export type RequestedLine =
  | {
      readonly line: number;
      readonly _id: string;
      readonly collection?: string;
    }
  | { readonly line: number; readonly text: string; readonly error: string };

/** More than any id and its address need. */
const MAX_LINE_BYTES = 64 * 1024;

/**
 * Reads one id per line: an id, or a JSON object with an `_id` and an optional
 * `collection`.
 */
export async function* readIds(
  name: string,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<RequestedLine[]> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  let requested: RequestedLine[] = [];
  function* full(rows: readonly RawRow[]): Generator<RequestedLine[]> {
    for (const row of rows) {
      requested.push(toRequestedLine(row));
      if (requested.length === size) {
        yield requested;
        requested = [];
      }
    }
  }
  try {
    const { bytes: all } = await openSource(name, signal);
    for await (const bytes of all) yield* full(splitter.push(bytes));
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  yield* full(splitter.end());
  if (requested.length > 0) yield requested;
}

function toRequestedLine({ line, bytes, error }: RawRow): RequestedLine {
  const text = bytes.toString();
  if (error) return { line, text, error: error.reason };
  if (!isUtf8(bytes)) return { line, text, error: "The line is not UTF-8." };
  const { _id, collection } = addressOf(text.trim()) ?? { _id: text };
  const ofId = idError(_id);
  if (ofId !== undefined) return { line, text, error: ofId };
  return {
    line,
    _id: _id as string,
    ...(typeof collection === "string" && { collection }),
  };
}

function addressOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && "_id" in value ? value : undefined;
  } catch {
    return undefined;
  }
}
