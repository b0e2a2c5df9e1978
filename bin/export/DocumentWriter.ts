/** A document as read: `source` is the stored JSON. */
export interface ExportedDocument {
  readonly id: string;
  readonly source: string;
}

/** Converts documents to text that can be imported again. */
export interface DocumentWriter {
  /** the text before the first document */
  begin(): string;
  /** @param isFirst whether it is the first document of the file */
  document(document: ExportedDocument, isFirst: boolean): string;
  /** the text after the last document */
  end(count: number): string;
  /** paths of the first values that are missing from the output */
  readonly leftOut: ReadonlySet<string>;
}
