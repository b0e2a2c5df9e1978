/** The collection of the plugin's private index, and how Kuzzle makes it. */
export const JOURNALS = {
  collection: "journals",
  mappings: {
    // pre-images are kept, never searched
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

/** Kuzzle's alias of that collection: `%` is for what users never see. */
export const ALIAS = encodeURIComponent(
  `@%plugin-batch.${JOURNALS.collection}`,
);
