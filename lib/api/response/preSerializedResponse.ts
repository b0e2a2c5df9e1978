import type { KuzzleRequest } from "kuzzle";

import { joinTexts } from "../../core/joinTexts";
import { RawSource } from "../../core/RawSource";
import type { FoundDocument } from "../../core/documents";
import type { GetAnswer } from "./answers";
import { isOnlyForClient } from "./resultCheck";
import { NATIVE_GET } from "../../kuzzle/events/readHooks";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";

/**
 * Whether the response can be serialized here.
 *
 * Kuzzle serializes a plugin's result twice, to check it and to send it, but sends text
 * over HTTP as it is (tried: 2.56). If sources stay as the engine sent them, they are
 * neither parsed nor serialized at all. With its access log on, however, Kuzzle would
 * serialize the text once more to measure it.
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
 * Kuzzle lets an argument set a request's id, but responds with the id of the message,
 * unless the response is text.
 */
function isKnownByItsId({ id, context }: KuzzleRequest): boolean {
  const { connection } = context;
  const { headers } = connection.misc as { headers?: Record<string, string> };
  return id === (headers?.["x-kuzzle-request-id"] ?? connection.id);
}

/**
 * The whole body of the response, including the envelope, as Kuzzle would have
 * serialized it.
 */
export function preSerializedResponse(
  request: KuzzleRequest,
  answer: GetAnswer,
): string | Buffer {
  const { response } = request;
  // sets the status to 200, unless a pipe has set another
  response.configure();
  const { documents, ...rest } = answer;
  const texts: (string | RawSource)[] = [];
  for (const [name, value] of Object.entries(
    response.toJSON().content as object,
  )) {
    // JSON has no such value
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
  // the same for all documents of a collection, and most requests have only one
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
