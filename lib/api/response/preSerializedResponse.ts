import type { KuzzleRequest } from "kuzzle";

import { joinTexts } from "../../core/joinTexts";
import { RawSource } from "../../core/RawSource";
import type { FoundDocument } from "../../core/documents";
import type { GetAnswer } from "./answers";
import { isOnlyForClient } from "./resultCheck";
import { NATIVE_GET } from "../../kuzzle/events/readHooks";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";

/**
 * Whether the answer can be written here.
 *
 * Of a plugin's result Kuzzle makes JSON twice, to try it and to send it; text it
 * sends as it is, over HTTP (tried: 2.56). With the sources still as the engine has
 * sent them, they are neither parsed nor made JSON of at all. For the size in its
 * access log, though, it would make JSON of the text once more.
 */
export function canPreSerialize(
  request: KuzzleRequest,
  kuzzle: KuzzleServices,
): boolean {
  const { context, input } = request;
  return (
    context.connection.protocol === "http" &&
    !kuzzle.logsAccess &&
    input.args.pretty === undefined &&
    isKnownByItsId(request) &&
    isOnlyForClient(request, kuzzle, [NATIVE_GET])
  );
}

/**
 * Kuzzle lets an argument be a request's id, but answers with that of the message,
 * unless the answer is text.
 */
function isKnownByItsId({ id, context }: KuzzleRequest): boolean {
  const { connection } = context;
  const { headers } = connection.misc as { headers?: Record<string, string> };
  return id === (headers?.["x-kuzzle-request-id"] ?? connection.id);
}

/**
 * The whole body of the answer, Kuzzle's envelope included, as Kuzzle would have
 * written it.
 */
export function preSerializedResponse(
  request: KuzzleRequest,
  answer: GetAnswer,
): string | Buffer {
  const { response } = request;
  // 200, unless a pipe has set another
  response.configure();
  const { documents, ...rest } = answer;
  const texts: (string | RawSource)[] = [];
  for (const [name, value] of Object.entries(
    response.toJSON().content as object,
  )) {
    // which JSON does not have
    if (value === undefined) continue;
    texts.push(texts.length === 0 ? "{" : ",", `${JSON.stringify(name)}:`);
    if (name === "result") {
      texts.push('{"documents":[');
      addTexts(texts, documents);
      texts.push(`],${JSON.stringify(rest).slice(1)}`);
    } else {
      texts.push(JSON.stringify(value));
    }
  }
  texts.push("}");
  response.configure({ format: "raw" });
  return joinTexts(texts);
}

/** Keys in the order of FoundDocument, as everywhere else. */
function addTexts(
  texts: (string | RawSource)[],
  documents: readonly FoundDocument[],
): void {
  // the same for all documents of a collection, and as short as most
  const places = new Map<string, string>();
  let comma = "";
  for (const document of documents) {
    const { _id, _source, index, collection } = document;
    if (!(_source instanceof RawSource)) {
      texts.push(`${comma}${JSON.stringify(document)}`);
    } else {
      let place = places.get(collection);
      if (place === undefined) {
        place = `"index":${JSON.stringify(index)},"collection":${JSON.stringify(collection)},"_source":`;
        places.set(collection, place);
      }
      const { _version, _seq_no, _primary_term } = document;
      texts.push(
        `${comma}{"_id":${JSON.stringify(_id)},${place}`,
        _source,
        `,"_version":${_version},"_seq_no":${_seq_no},"_primary_term":${_primary_term}}`,
      );
    }
    comma = ",";
  }
}
