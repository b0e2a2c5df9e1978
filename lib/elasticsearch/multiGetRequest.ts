import _ from "lodash";

import type { Address } from "../types";
import type { SourceSelection } from "../core/commands";
import type { GetPart } from "../core/ports/DocumentStore";
import type { AliasOf } from "./aliases";

/** The request of one multi-get, in its shortest form. */
export function multiGetRequest(
  parts: readonly GetPart[],
  source: SourceSelection,
  aliasOf: AliasOf,
): { path: string; querystring: Record<string, string>; body: unknown } {
  const querystring = sourceQuery(source);
  const place = onlyPlace(parts);

  if (place !== undefined) {
    const alias = aliasOf(place.index, place.collection);
    return {
      path: `/${encodeURIComponent(alias)}/_mget`,
      querystring,
      body: { ids: addressesOf(parts).map(({ _id }) => _id) },
    };
  }
  return {
    path: "/_mget",
    querystring,
    body: {
      docs: _.flatMap(parts, ({ index, addresses }) =>
        addresses.map(({ collection, _id }) => ({
          _index: aliasOf(index, collection),
          _id,
        })),
      ),
    },
  };
}

/** @returns the addresses of all parts, in order */
export function addressesOf(parts: readonly GetPart[]): readonly Address[] {
  return _.flatMap(parts, ({ addresses }) => addresses);
}

/** @returns the only collection in all parts, if there is just one */
function onlyPlace(
  parts: readonly GetPart[],
): { index: string; collection: string } | undefined {
  const index = parts[0]?.index;
  const collection = parts[0]?.addresses[0]?.collection;
  const isOnly =
    index !== undefined &&
    collection !== undefined &&
    parts.every(
      (part) =>
        part.index === index &&
        part.addresses.every((each) => each.collection === collection),
    );
  return isOnly ? { index, collection } : undefined;
}

function sourceQuery(source: SourceSelection): Record<string, string> {
  switch (source.kind) {
    case "all":
      return {};
    case "none":
      return { _source: "false" };
    case "fields":
      return {
        ...(source.includes.length > 0 && {
          _source_includes: source.includes.join(","),
        }),
        ...(source.excludes.length > 0 && {
          _source_excludes: source.excludes.join(","),
        }),
      };
  }
}
