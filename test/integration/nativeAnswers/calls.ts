/** Every document, bulk and collection action of Kuzzle, with successes and failures. */

/** A native request, without its index and collection. */
export interface NativeCall {
  /** `controller:action` */
  readonly name: string;
  /** it responds with a stream, which other protocols do not support */
  readonly onlyHttp?: true;
  readonly body?: unknown;
  readonly _id?: string;
  readonly [argument: string]: unknown;
}

const MAPPINGS = {
  dynamic: "strict",
  properties: { n: { type: "integer" }, s: { type: "keyword" } },
};
const SPECIFICATIONS = {
  strict: false,
  fields: { n: { mandatory: false, type: "integer" } },
};
const EVERYTHING = { query: { match_all: {} } };
const QUERY = { query: { term: { s: "a" } } };
const NOWHERE = { _id: "nowhere" };
const INVALID = { n: "no number" };

/** A list of documents: existing or new, unknown, malformed. */
function documents(...ids: string[]): object {
  return {
    documents: [
      ...ids.map((_id, i) => ({ _id, body: { n: i, s: "a" } })),
      { _id: "refused", body: INVALID },
      { _id: "without body" },
    ],
  };
}

/** In this order: each finds what earlier ones have left. */
export const CALLS: readonly NativeCall[] = [
  call("collection:create", { body: { mappings: MAPPINGS } }),
  call("collection:update", { body: { mappings: MAPPINGS } }),
  call("collection:updateMapping", { body: MAPPINGS }),
  call("collection:exists"),
  call("collection:getMapping"),
  call("collection:getSettings"),
  call("collection:list"),
  call("collection:validateSpecifications", { body: SPECIFICATIONS }),
  call("collection:updateSpecifications", { body: SPECIFICATIONS }),
  call("collection:getSpecifications"),
  call("collection:searchSpecifications", { body: QUERY }),
  call("collection:scrollSpecifications", { scrollId: "none" }),
  call("collection:deleteSpecifications"),

  call("document:create", { _id: "one", body: { n: 1, s: "a" } }),
  call("document:create", { _id: "one", body: { n: 1 } }),
  call("document:create", { _id: "refused", body: INVALID }),
  call("document:createOrReplace", { _id: "two", body: { n: 2, s: "b" } }),
  call("document:get", { _id: "one" }),
  call("document:get", NOWHERE),
  call("document:exists", { _id: "one" }),
  call("document:exists", NOWHERE),
  call("document:validate", { body: { n: 1 } }),
  call("document:update", { _id: "one", body: { n: 11 }, source: true }),
  call("document:update", { ...NOWHERE, body: { n: 11 } }),
  call("document:upsert", {
    _id: "three",
    body: { changes: { n: 3 }, default: { s: "c" } },
  }),
  call("document:replace", { _id: "two", body: { n: 22, s: "b" } }),
  call("document:replace", { ...NOWHERE, body: { n: 22 } }),
  call("document:deleteFields", { _id: "two", body: { fields: ["n"] } }),
  call("document:delete", { _id: "three" }),
  call("document:delete", NOWHERE),

  call("document:mCreate", { body: documents("one", "m1", "m2") }),
  call("document:mCreate", { body: documents("one"), strict: true }),
  call("document:mCreateOrReplace", { body: documents("m1", "m3") }),
  call("document:mUpdate", { body: documents("m1", "nowhere") }),
  call("document:mUpdate", { body: documents("nowhere"), strict: true }),
  call("document:mUpsert", {
    body: {
      documents: [
        { _id: "m1", changes: { n: 4 } },
        { _id: "m4", changes: { n: 4 }, default: { s: "a" } },
        { _id: "without changes" },
      ],
    },
  }),
  call("document:mReplace", { body: documents("m1", "nowhere") }),
  call("document:mExists", { body: { ids: ["m1", "nowhere"] } }),
  call("document:mGet", { body: { ids: ["m1", "m2"] } }),
  call("document:mGet", { body: { ids: ["m1", "nowhere"] } }),
  call("document:mGet", { body: { ids: ["m1", "nowhere"] }, strict: true }),
  call("document:mGet", { body: { ids: "m1" } }),
  call("document:mGet"),
  call("document:mDelete", { body: { ids: ["m4", "nowhere"] } }),
  call("document:mDelete", { body: { ids: ["nowhere"] }, strict: true }),

  call("bulk:write", { _id: "b1", body: { n: 1, s: "a" } }),
  call("bulk:mWrite", {
    body: { documents: [{ _id: "b2", body: { n: 2, s: "a" } }] },
  }),
  call("bulk:mWrite", { body: documents("b3") }),
  call("bulk:mWrite", {
    body: { documents: [{ _id: "b4", body: INVALID }] },
    strict: true,
  }),
  call("bulk:mWrite", { body: { documents: "none" } }),
  call("bulk:import", {
    body: {
      bulkData: [
        { index: { _id: "i1" } },
        { n: 1, s: "i" },
        { index: { _id: "i2" } },
        INVALID,
      ],
    },
  }),
  call("collection:refresh"),
  call("document:count", { body: EVERYTHING }),
  call("document:search", { body: { ...EVERYTHING, sort: ["_id"] } }),
  call("document:export", { body: EVERYTHING, onlyHttp: true }),
  call("document:search", { body: { query: { nonsense: {} } } }),
  call("document:scroll", { scrollId: "none" }),
  call("document:updateByQuery", {
    body: { query: { term: { s: "b" } }, changes: { n: 5 } },
  }),
  // Otherwise the search may find the version that was just replaced: a conflict.
  call("collection:refresh"),
  call("bulk:updateByQuery", {
    body: { query: { term: { s: "b" } }, changes: { n: 6 } },
  }),
  call("collection:refresh"),
  call("document:deleteByQuery", { body: { query: { term: { s: "i" } } } }),
  call("bulk:deleteByQuery", { body: { query: { term: { s: "b" } } } }),
  call("collection:truncate"),
  call("collection:delete"),
  call("document:mGet", { body: { ids: ["m1"] } }),
];

function call(name: string, args: object = {}): NativeCall {
  return { name, ...args };
}
