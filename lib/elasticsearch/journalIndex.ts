/**
 * The collection in the plugin's private index, in the form that Kuzzle needs to create
 * it.
 */
export const JOURNALS = {
  collection: "journals",
  mappings: {
    // pre-images are stored but never searched
    dynamic: "false",
    properties: {
      state: { type: "keyword" },
      index: { type: "keyword" },
      collections: { properties: { name: { type: "keyword" } } },
      createdAt: { type: "long" },
      decidedAt: { type: "long" },
      dueAt: { type: "long" },
      recheck: { type: "keyword" },
      entries: {
        properties: {
          intendedHash: { type: "keyword" },
          beforeHash: { type: "keyword" },
        },
      },
    },
  },
} as const;

/** Kuzzle's alias of that collection: `%` marks indexes that are hidden from users. */
export const ALIAS = encodeURIComponent(
  `@%plugin-batch.${JOURNALS.collection}`,
);
