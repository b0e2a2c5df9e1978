import type { Refresh } from "../core/commands";
import { joinTexts } from "../core/joinTexts";
import type { BulkItem, BulkPart } from "../core/ports/DocumentStore";
import type { AliasOf } from "./aliases";

/** What a bulk asks for. */
interface BulkRequest {
  readonly path: string;
  readonly querystring: Record<string, string>;
  readonly bulkBody: string | Buffer;
}

/** The request of one bulk, with its body in lines. */
export function bulkRequest(
  parts: readonly BulkPart[],
  refresh: Refresh,
  aliasOf: AliasOf,
): BulkRequest {
  const aliases = parts.map(({ index, collection }) =>
    aliasOf(index, collection),
  );
  const isOne = new Set(aliases).size === 1;
  const texts: string[] = [];
  parts.forEach(({ items }, i) => {
    const place = isOne ? "" : `"_index":${JSON.stringify(aliases[i])},`;
    for (const item of items) {
      texts.push(actionLine(item, place));
      if (item.operation !== "delete") texts.push(item.payload, "\n");
    }
  });
  return {
    path: isOne ? `/${encodeURIComponent(String(aliases[0]))}/_bulk` : "/_bulk",
    // a collection that is deleted in the meantime must not be recreated as a bare
    // index
    querystring: { refresh, require_alias: "true" },
    bulkBody: joinTexts(texts),
  };
}

/**
 * Builds an action line from its few parts: `JSON.stringify` of so many small objects
 * would take longer than everything else about a bulk.
 *
 * @param place `"_index":…,` if the path of the call does not name it
 */
function actionLine(
  { operation, _id, precondition }: BulkItem,
  place: string,
): string {
  const condition =
    precondition === undefined
      ? ""
      : `,"if_seq_no":${precondition.ifSeqNo},"if_primary_term":${precondition.ifPrimaryTerm}`;
  return `{"${operation}":{${place}"_id":${JSON.stringify(_id)}${condition}}}\n`;
}
