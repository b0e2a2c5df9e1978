interface RequestLimit {
  readonly value: number;
  readonly unit: string;
  readonly description: string;
}

/**
 * What one request may contain, whatever the configuration says. A client needs nothing
 * close to these limits; without them a small request could keep a node, or
 * Elasticsearch, busy for a minute. The docs page is generated from this table.
 */
export const REQUEST_LIMITS = {
  maskFields: {
    value: 100,
    unit: "fields",
    description:
      "`source` and `sourceExcludes` together. A request with more fails with 400.",
  },
  maskBytes: {
    value: 3_000,
    unit: "bytes",
    description:
      "The same two lists, percent-encoded as in a URL. A request with more fails with 400.",
  },
  maskWildcards: {
    value: 8,
    unit: "wildcards",
    description:
      "The number of `*` in the two lists. A request with more fails with 400.",
  },
  invalidItems: {
    value: 1_000,
    unit: "items",
    description:
      "Malformed documents or ids in one request. Each of them is an entry of `errors`. If there are more, the whole request fails with 400, with or without `strict`: nothing is done, `errors` has the first 1,000, and `count` is the total number.",
  },
  itemDepth: {
    value: 500,
    unit: "levels",
    description:
      "The depth to which objects and lists in a document can be nested. A deeper document is in `errors`; the others are written.",
  },
  repeats: {
    value: 1_000,
    unit: "times",
    description:
      "Occurrences of the same id in a write. A request with more fails with 400. The plugin writes them one after the other, each in its own call; with `refresh=wait_for`, only the last of them waits.",
  },
} as const satisfies Record<string, RequestLimit>;
