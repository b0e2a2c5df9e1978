import type { KuzzleRequest } from "kuzzle";

import { RawSource, type FoundDocument } from "../types";
import type { GetAnswer } from "./answers";
import type { KuzzleServices } from "./services";

/** Where an application may look at the result of a batchGet, or change it. */
const RESULT_EVENTS = [
  "batch:afterBatchGet",
  "request:onSuccess",
  "request:afterExecution",
] as const;

/**
 * Whether the answer goes straight to the client, so that it can be written here.
 *
 * Of a plugin's result Kuzzle makes JSON twice, to try it and to send it; bytes it
 * sends as they are, over HTTP (tried: 2.56). With the sources still as the engine
 * has sent them, they are neither parsed nor made JSON of at all. For the access
 * log, though, it would make JSON of the bytes, one by one.
 */
export function isWrittenHere(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
): boolean {
  const { context, input } = request;
  return (
    context.connection.protocol === "http" &&
    !kuzzle.logsAccess &&
    input.args.pretty === undefined &&
    RESULT_EVENTS.every((event) => !kuzzle.hasListeners(event))
  );
}

/**
 * The whole body of the answer, Kuzzle's envelope included, as Kuzzle would have
 * written it.
 */
export function writtenAnswer(
  request: KuzzleRequest,
  answer: GetAnswer,
): Buffer {
  const { response } = request;
  response.configure({ status: 200 });
  const envelope = Object.entries(response.toJSON().content as object);
  const at = envelope.findIndex(([name]) => name === "result");
  const before = JSON.stringify(Object.fromEntries(envelope.slice(0, at)));
  const after = JSON.stringify(Object.fromEntries(envelope.slice(at + 1)));
  response.configure({ format: "raw" });

  const { documents, ...rest } = answer;
  return concat([
    `${before.slice(0, -1)},"result":{"documents":[`,
    ...documents.flatMap((document, i) => [
      i === 0 ? "" : ",",
      ...documentParts(document),
    ]),
    `],${JSON.stringify(rest).slice(1)},${after.slice(1)}`,
  ]);
}

/** Keys in the order of FoundDocument, as everywhere else. */
function documentParts(document: FoundDocument): (string | Uint8Array)[] {
  const { _source } = document;
  if (!(_source instanceof RawSource)) {
    return [JSON.stringify(document)];
  }
  const { _id, index, collection, _version, _seq_no, _primary_term } = document;
  return [
    `${JSON.stringify({ _id, index, collection }).slice(0, -1)},"_source":`,
    _source.bytes,
    `,"_version":${_version},"_seq_no":${_seq_no},"_primary_term":${_primary_term}}`,
  ];
}

/** Into one piece of memory, each part copied once. */
function concat(parts: readonly (string | Uint8Array)[]): Buffer {
  let length = 0;
  for (const part of parts) {
    length +=
      typeof part === "string" ? MAX_UTF8_BYTES * part.length : part.length;
  }
  const whole = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === "string") {
      at += whole.write(part, at);
    } else {
      whole.set(part, at);
      at += part.length;
    }
  }
  return whole.subarray(0, at);
}

/** Of one unit of a JavaScript string. */
const MAX_UTF8_BYTES = 3;
