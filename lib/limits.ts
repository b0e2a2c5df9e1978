interface RequestLimit {
  readonly value: number;
  readonly unit: string;
  readonly description: string;
}

/**
 * What one request may ask for, whatever the configuration says. None of these
 * is near what a client needs; without them a small request could keep a node,
 * or Elasticsearch, at work for a minute. The docs page is made from this table.
 */
export const REQUEST_LIMITS = {
  maskFields: {
    value: 100,
    unit: "fields",
    description:
      "`source` and `sourceExcludes` together. More are a 400. Elasticsearch builds an automaton of them for each document.",
  },
  maskBytes: {
    value: 3_000,
    unit: "bytes",
    description:
      "The same two lists, as they stand in an address (percent-encoded). More are a 400: Elasticsearch rejects a line of 4,096 bytes.",
  },
  maskWildcards: {
    value: 8,
    unit: "wildcards",
    description:
      "How many `*` the two lists may have. More are a 400: the cost for Elasticsearch doubles with each.",
  },
  invalidItems: {
    value: 1_000,
    unit: "items",
    description:
      "How many documents or ids of one request may be malformed, each an error of its own. With more, the whole request is a 400, strict or not: nothing is done, and `errors` has the first 1,000, `count` how many there are.",
  },
  itemDepth: {
    value: 500,
    unit: "levels",
    description:
      "How deep the objects and lists of a document may be nested. A deeper one is an error of its own; the others are written.",
  },
  repeats: {
    value: 1_000,
    unit: "times",
    description:
      "How often one id may come in a write. More are a 400 for the request, since the last one counts.",
  },
} as const satisfies Record<string, RequestLimit>;
