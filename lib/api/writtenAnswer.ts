import type { KuzzleRequest } from "kuzzle";

import { RawSource, type FoundDocument } from "../types";
import type { GetAnswer } from "./answers";
import { isDirect } from "./directAnswer";
import type { KuzzleServices } from "./services";
import { Utf8Writer } from "./Utf8Writer";

/**
 * Whether the answer can be written here, byte by byte.
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
    isDirect(request, kuzzle)
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
  // 200, unless a pipe has set another
  response.configure();
  const envelope = Object.entries(response.toJSON().content as object);
  const at = envelope.findIndex(([name]) => name === "result");
  const before = JSON.stringify(Object.fromEntries(envelope.slice(0, at)));
  const after = JSON.stringify(Object.fromEntries(envelope.slice(at + 1)));
  response.configure({ format: "raw" });

  const { documents, ...rest } = answer;
  const body = new Utf8Writer(sizeOf(documents));
  body.text(`${before.slice(0, -1)},"result":{"documents":[`);
  documents.forEach((document, i) => {
    if (i > 0) {
      body.text(",");
    }
    writeDocument(body, document);
  });
  body.text(`],${JSON.stringify(rest).slice(1)},${after.slice(1)}`);
  return body.bytes();
}

/** Keys in the order of FoundDocument, as everywhere else. */
function writeDocument(body: Utf8Writer, document: FoundDocument): void {
  const { _source } = document;
  if (!(_source instanceof RawSource)) {
    body.text(JSON.stringify(document));
    return;
  }
  const { _id, index, collection, _version, _seq_no, _primary_term } = document;
  body.text(
    `{"_id":${JSON.stringify(_id)},"index":${JSON.stringify(index)},"collection":${JSON.stringify(collection)},"_source":`,
  );
  body.raw(_source);
  body.text(
    `,"_version":${_version},"_seq_no":${_seq_no},"_primary_term":${_primary_term}}`,
  );
}

/** About; more than enough for most. */
function sizeOf(documents: readonly FoundDocument[]): number {
  let size = 0;
  for (const { _source } of documents) {
    size += BYTES_BESIDE_SOURCE;
    size += _source instanceof RawSource ? _source.length : 0;
  }
  return size;
}

const BYTES_BESIDE_SOURCE = 256;
