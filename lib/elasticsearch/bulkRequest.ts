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
      .map(({ items }, i) => {
        const place = isOne ? "" : `"_index":${JSON.stringify(aliases[i])},`;
        return items.map((item) => bulkLines(item, place)).join("");
      })
      .join(""),
  };
}

/**
 * An action's line is put together from its few parts: `JSON.stringify` of as many
 * small objects would take longer than all else about a bulk.
 *
 * @param place `"_index":…,`, where the path of the call does not say it
 */
function bulkLines(
  { operation, _id, precondition, payload }: BulkItem,
  place: string,
): string {
  const condition =
    precondition === undefined
      ? ""
      : `,"if_seq_no":${precondition.ifSeqNo},"if_primary_term":${precondition.ifPrimaryTerm}`;
  const line = `{"${operation}":{${place}"_id":${JSON.stringify(_id)}${condition}}}\n`;
  return operation === "delete" ? line : `${line}${payload}\n`;
}
