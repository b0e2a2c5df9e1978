import type { FoundDocument } from "../get/Getter";
import { CsvWriter } from "./CsvWriter";
import type { DocumentWriter, ExportedDocument } from "./DocumentWriter";

export const EXPORT_FORMATS = ["ndjson", "json", "csv"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** @param columns of CSV: paths of fields */
export function newWriter(
  format: ExportFormat,
  columns: readonly string[],
  delimiter: string,
): DocumentWriter {
  switch (format) {
    case "ndjson":
      return new NdjsonWriter();
    case "json":
      return new JsonWriter();
    case "csv":
      return new CsvWriter(columns, delimiter);
  }
}

class NdjsonWriter implements DocumentWriter {
  readonly leftOut = new Set<string>();
  readonly begin = () => "";
  readonly document = (document: ExportedDocument) => `${rowOf(document)}\n`;
  readonly end = () => "";
}

class JsonWriter implements DocumentWriter {
  readonly leftOut = new Set<string>();
  readonly begin = () => "[\n";
  readonly document = (document: ExportedDocument, isFirst: boolean) =>
    `${isFirst ? "" : ",\n"}${rowOf(document)}`;
  readonly end = (count: number) => (count === 0 ? "]\n" : "\n]\n");
}

/**
 * A row as `import` reads it; a source that was stored on several lines becomes one
 * line.
 */
function rowOf({ id, source }: ExportedDocument): string {
  const body = source.includes("\n") ? source.replace(/[\r\n]/g, " ") : source;
  return `{"_id":${JSON.stringify(id)},"body":${body}}`;
}

/** The stored document, or what a pipe of the application made of it. */
export function exportedDocument({
  _id: id,
  json,
  _source,
}: FoundDocument): ExportedDocument {
  return { id, source: json ?? JSON.stringify(_source ?? {}) };
}
