import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import type { Refresh, SourceSelection } from "../../types";
import { isTooDeep, isUnicode, tooDeepText } from "../../core/validation/items";
import { assertMaskWithinLimits } from "./maskLimits";

/**
 * Reads the arguments of a request alike on every protocol. Over HTTP each of
 * them is a string, and one without a value is the empty string.
 *
 * All methods throw `batch.request.*` (400) with the argument's name.
 */
export class Arguments {
  private readonly values: Record<string, unknown>;

  /** @param values the body, where the arguments are in there */
  constructor(
    request: KuzzleRequest,
    values: Record<string, unknown> = request.input.args,
  ) {
    for (const [name, value] of Object.entries(values)) {
      if (isTooDeep(value)) {
        throw invalid(name, tooDeepText);
      }
    }
    this.values = values;
  }

  name(name: "index" | "collection"): string {
    const value = this.optionalName(name);
    if (value === undefined) {
      throw batchError("batch.request.missing", { place: name });
    }
    return value;
  }

  optionalName(name: "index" | "collection" | "namespace"): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) {
      return undefined;
    }
    if (typeof value !== "string" || value === "") {
      throw invalid(name, "a non-empty string");
    }
    return value;
  }

  flag(name: string, fallback = false): boolean {
    const value = this.values[name];
    if (value === undefined) {
      return fallback;
    }
    const flag = asFlag(value);
    if (flag === undefined) {
      throw invalid(name, "true or false");
    }
    return flag;
  }

  count(name: string, fallback: number): number {
    const value = this.values[name];
    if (value === undefined) {
      return fallback;
    }
    const count =
      typeof value === "string" && /^\d{1,15}$/.test(value)
        ? Number(value)
        : value;
    if (!Number.isSafeInteger(count) || Number(count) < 0) {
      throw invalid(name, "a whole number, 0 or above");
    }
    return Number(count);
  }

  refresh(): Refresh {
    const value = this.values.refresh;
    if (value === undefined || value === null) {
      return "false";
    }
    const wanted = value === "wait_for" ? true : asFlag(value);
    if (wanted === undefined) {
      throw invalid("refresh", "wait_for, true or false");
    }
    return wanted ? "wait_for" : "false";
  }

  source(): SourceSelection {
    const value = this.values.source;
    const excludes = this.fields("sourceExcludes");
    const flag = value === undefined ? true : asFlag(value);
    if (flag === false) {
      return { kind: "none" };
    }
    const includes = flag === true ? [] : this.fields("source");
    assertMaskWithinLimits(includes, excludes);

    return includes.length === 0 && excludes.length === 0
      ? { kind: "all" }
      : { kind: "fields", includes, excludes };
  }

  /** A list of field names: an array, or text with commas or in JSON. */
  private fields(name: string): string[] {
    const value = this.values[name];
    if (value === undefined) {
      return [];
    }
    const list = typeof value === "string" ? splitList(value) : value;
    if (!Array.isArray(list) || list.length === 0 || !list.every(isField)) {
      throw invalid(
        name,
        name === "source"
          ? "true, false or a list of field names"
          : "a list of field names",
      );
    }
    return list;
  }
}

function asFlag(value: unknown): boolean | undefined {
  switch (value) {
    case true:
    case "true":
    case "":
      return true;
    case false:
    case "false":
      return false;
    default:
      return undefined;
  }
}

function splitList(text: string): unknown {
  if (!text.startsWith("[")) {
    return text.split(",");
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A comma would make two of it on its way to the engine, in an address. */
function isField(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value !== "" &&
    !value.includes(",") &&
    isUnicode(value)
  );
}

function invalid(place: string, expected: string): Error {
  return batchError("batch.request.invalid", { place, expected });
}
