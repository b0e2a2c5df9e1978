export { BatchDocumentsController, useBatch } from "./BatchDocumentsController";
export { BatchError, type ClientErrorId } from "./BatchError";
export {
  KUZZLE_MAX_REQUEST_BYTES,
  split,
  utf8Bytes,
  type Chunk,
  type SplitLimits,
  type TooLarge,
} from "./split";
export * from "./types";
