import type { Refresh } from "../core/commands";
import type { BulkItem, BulkPart } from "../core/ports/DocumentStore";
import type { AliasOf } from "./aliases";

/** The request of one bulk, its body in lines. */
export function bulkRequest(
  parts: readonly BulkPart[],
  refresh: Refresh,
  aliasOf: AliasOf,
): { path: string; querystring: Record<string, string>; bulkBody: string } {
  const aliases = parts.map(({ index, collection }) =>
    aliasOf(index, collection),
  );
  const isOne = new Set(aliases).size === 1;
  return {
    path: isOne ? `/${encodeURIComponent(String(aliases[0]))}/_bulk` : "/_bulk",
    // a collection deleted meanwhile must not come back as a bare index
    querystring: { refresh, require_alias: "true" },
    bulkBody: parts
      .flatMap(({ items }, i) =>
        items.map((item) => bulkLines(item, isOne ? undefined : aliases[i])),
      )
      .join(""),
  };
}

/** @param alias where the path of the call does not say it */
function bulkLines(item: BulkItem, alias: string | undefined): string {
  const action = {
    [item.operation]: {
      ...(alias !== undefined && { _index: alias }),
      _id: item._id,
      ...(item.precondition && {
        if_seq_no: item.precondition.ifSeqNo,
        if_primary_term: item.precondition.ifPrimaryTerm,
      }),
    },
  };
  const line = `${JSON.stringify(action)}\n`;
  return item.operation === "delete" ? line : `${line}${item.payload}\n`;
}
