import type { Content } from "../../lib/core/RawSource";
import type { OperationName, Source } from "../../lib/types";

export interface ModelOperation {
  readonly op: OperationName;
  readonly collection: string;
  readonly _id: string;
  readonly body: Content;
  readonly defaults?: Content;
  readonly ifAbsent?: boolean;
}

/** What each operation of a batchWrite means, one after the other. */
export class DocumentModel {
  /** by collection and id: `yellow/a` */
  readonly rows = new Map<string, Source>();

  /** @returns "done", or the code of its error */
  apply({
    op,
    collection,
    _id,
    body,
    defaults,
    ifAbsent,
  }: ModelOperation): string {
    const address = `${collection}/${_id}`;
    const row = this.rows.get(address);
    const isNew = op === "create" || ifAbsent === true;
    if (isNew && row !== undefined) {
      return "version_conflict";
    }
    if (
      row === undefined &&
      (op === "replace" || op === "update" || op === "delete")
    ) {
      return "not_found";
    }
    if (op === "delete") {
      this.rows.delete(address);
    } else if (op === "update" || (op === "upsert" && row !== undefined)) {
      this.rows.set(address, { ...row, ...(body as Source) });
    } else {
      this.rows.set(address, { ...(body as Source), ...(defaults as Source) });
    }
    return "done";
  }
}
