import { Readable } from "node:stream";

import type { GetPart } from "../operations/streamGet";
import { notFoundEntry } from "./answers";

/**
 * Parts of an answer as lines of JSON, each with its type. The last line has
 * the stats; where it lacks, the answer is broken.
 */
export function ndjsonStream(parts: AsyncIterable<GetPart>): Readable {
  async function* chunks(): AsyncGenerator<Buffer, void, void> {
    for await (const part of parts) {
      const text = linesOf(part);
      if (text !== "") {
        yield Buffer.from(text);
      }
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}

function linesOf(part: GetPart): string {
  if (part.kind === "stats") {
    return line("stats", { stats: part.stats });
  }
  const { documents, missing, errors } = part.lists;
  return [
    ...documents.map((document) => line("document", { document })),
    ...missing.map((asked) =>
      line("not_found", { not_found: notFoundEntry(asked) }),
    ),
    ...errors.map((error) => line("error", { error })),
  ].join("");
}

function line(type: string, content: object): string {
  return `${JSON.stringify({ type, ...content })}\n`;
}
