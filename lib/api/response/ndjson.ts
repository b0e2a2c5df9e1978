import { Readable } from "node:stream";

import type { GetPart } from "../../core/read/batchGet";
import { RawSource } from "../../core/RawSource";
import type { FoundDocument } from "../../core/documents";
import { notFoundEntry } from "./answers";

type Show = (document: FoundDocument) => FoundDocument;

/**
 * Turns the parts of a response into lines of JSON, each with its type. The last line
 * has the stats; without it, the response is incomplete.
 *
 * @param show selects what is returned of a document; default: all of it
 */
export function ndjsonStream(
  parts: AsyncIterable<GetPart>,
  show: Show = (document) => document,
): Readable {
  async function* chunks(): AsyncGenerator<Buffer, void, void> {
    for await (const part of parts) {
      let piece = "";
      for (const line of linesOf(part, show)) {
        piece += line;
        if (piece.length >= PIECE_LENGTH) {
          yield Buffer.from(piece);
          piece = "";
        }
      }
      if (piece !== "") {
        yield Buffer.from(piece);
      }
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** A slow reader gets one piece from Kuzzle each time it has read a little. */
const PIECE_LENGTH = 64 * 1024;

function* linesOf(part: GetPart, show: Show): Generator<string, void, void> {
  if (part.kind === "stats") {
    yield line("stats", { stats: part.stats });
    return;
  }
  const { documents, missing, errors } = part.lists;
  for (const document of documents) {
    yield line("document", { document: show(document) });
  }
  for (const asked of missing) {
    yield line("not_found", { not_found: notFoundEntry(asked) });
  }
  for (const error of errors) {
    yield line("error", { error });
  }
}

function line(type: string, content: object): string {
  const text = RawSource.stringify({ type, ...content });
  // a source may have been stored with line breaks, which are mere white space in JSON
  return `${text.replace(/[\r\n]/g, " ")}\n`;
}
