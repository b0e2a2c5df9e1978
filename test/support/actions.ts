/** Every kind of call that works on documents. */
export const ACTIONS = [
  "batchGet",
  "mWrite",
  "mUpdate",
  "batchWrite",
  "atomic",
] as const;
export type Action = (typeof ACTIONS)[number];
