/** A document as it was read: `source` is the JSON that the server holds. */
export interface ExportedDocument {
  readonly id: string;
  readonly source: string;
}

/** Makes text of documents; what it writes can be imported again. */
export interface DocumentWriter {
  /** what is written before the first document */
  begin(): string;
  /** @param isFirst whether it is the first of the file */
  document(document: ExportedDocument, isFirst: boolean): string;
  /** what is written behind the last one */
  end(count: number): string;
  /** paths of values that are not in the output, the first of them */
  readonly leftOut: ReadonlySet<string>;
}
