import type { WriteInput } from "../../types";
import { RawSource } from "../RawSource";
import type { WriteDocument } from "../commands";
import { isObject, isTooDeep } from "./items";

/**
 * A bulk has each document on a line of its own. Outside of strings, where JSON has
 * none, line breaks are nothing but space.
 */
export function toRawSource(json: string): RawSource {
  return RawSource.ofText(json.trim().replace(/[\r\n]/g, " "));
}

/**
 * A document as the caller sent it, whatever that is, but for what is too deep to
 * be answered.
 */
export function askedWrite(entry: unknown): WriteInput {
  if (!isObject(entry)) {
    return { _id: undefined, body: tellable(entry) };
  }
  const { _id, body, json } = entry;
  return {
    _id: tellable(_id),
    ...((body !== undefined || json === undefined) && { body: tellable(body) }),
    ...(json !== undefined && { json: tellable(json) }),
  };
}

function tellable(value: unknown): unknown {
  return isTooDeep(value) ? undefined : value;
}

export function inputOf({ _id, body }: WriteDocument): WriteInput {
  return body instanceof RawSource
    ? { _id, json: body.toString() }
    : { _id, body };
}
