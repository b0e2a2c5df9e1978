/** Every kind of call on documents. */
export const ACTIONS = [
  "batchGet",
  "mWrite",
  "mUpdate",
  "batchWrite",
  "atomic",
] as const;
export type Action = (typeof ACTIONS)[number];
