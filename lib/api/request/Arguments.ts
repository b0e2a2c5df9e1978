import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import type { Refresh, SourceSelection } from "../../core/commands";
import { isTooDeep, isUnicode, tooDeepText } from "../../core/validation/items";
import { bodyOf } from "../../kuzzle/request";
import { assertMaskWithinLimits } from "./maskLimits";

/** The fields of the form that are not flags: text, lists and numbers. */
const NO_FLAGS = [
  ...["collection", "format", "idempotencyKey", "namespace", "refresh"],
  ...["retryOnConflict", "sourceExcludes"],
];

/**
 * Reads the arguments of a request, and the lists in its body, in the same way on every
 * protocol. Over HTTP each argument is a string, and one without a value is an empty
 * string: an empty flag is on (`?strict`), any other empty argument is absent.
 *
 * The admin console sends every field of its form, over WebSocket. There, empty flags
 * next to other empty arguments are absent as well.
 *
 * All methods throw `batch.request.*` (400) with the argument's name.
 */
export class Arguments {
  readonly body: Readonly<Record<string, unknown>>;
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly protocol: string | null;
  private readonly isForm: boolean;

  /** @param values the body, if the arguments are in it */
  constructor(
    request: KuzzleRequest,
    values: Readonly<Record<string, unknown>> = request.input.args,
  ) {
    for (const [name, value] of Object.entries(values)) {
      if (isTooDeep(value)) {
        throw invalid(name, tooDeepText);
      }
    }
    this.values = values;
    this.body = bodyOf(request);
    this.protocol = request.context.connection.protocol;
    this.isForm =
      this.protocol !== "http" && NO_FLAGS.some((name) => values[name] === "");
  }

  name(name: "index" | "collection"): string {
    const value = this.optionalName(name);
    if (value !== undefined) {
      return value;
    }
    if (this.values[name] === "") {
      throw invalid(name, "a non-empty string");
    }
    throw batchError("batch.request.missing", { place: name });
  }

  optionalName(name: "index" | "collection" | "namespace"): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") {
      return undefined;
    }
    if (typeof value !== "string") {
      throw invalid(name, "a non-empty string");
    }
    return value;
  }

  flag(name: string, fallback = false): boolean {
    const value = this.flagValue(name);
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
    if (value === undefined || value === "") {
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
    const value = this.flagValue("refresh");
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
    const flag = value === undefined || isEmpty(value) ? true : asFlag(value);
    if (flag === false) {
      return { kind: "none" };
    }
    const includes = flag === true ? [] : this.fields("source");
    assertMaskWithinLimits(includes, excludes);

    return includes.length === 0 && excludes.length === 0
      ? { kind: "all" }
      : { kind: "fields", includes, excludes };
  }

  format(): "json" | "ndjson" {
    const { format } = this.values;
    if (format === undefined || format === "" || format === "json") {
      return "json";
    }
    const isHttp = this.protocol === "http";
    if (format !== "ndjson" || !isHttp) {
      throw invalid(
        "format",
        isHttp ? "json or ndjson" : "json on this protocol",
      );
    }
    return format;
  }

  /** A list in the body. */
  list(name: string): unknown[] {
    const { [name]: value, ...others } = this.body;
    if (value === undefined || value === null) {
      throw batchError("batch.request.missing", { place: name });
    }
    if (!Array.isArray(value)) {
      throw invalid(name, "an array");
    }
    for (const [place, other] of Object.entries(others)) {
      if (isTooDeep(other)) {
        throw invalid(place, tooDeepText);
      }
    }
    return value;
  }

  private flagValue(name: string): unknown {
    const value = this.values[name];
    return this.isForm && value === "" ? undefined : value;
  }

  /** A list of field names: an array, comma-separated text, or JSON. */
  private fields(name: string): string[] {
    const value = this.values[name];
    if (value === undefined || isEmpty(value)) {
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

/** Empty fields of a form count as absent. */
function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
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

/** In the URL sent to the engine, a comma would turn one field into two. */
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
