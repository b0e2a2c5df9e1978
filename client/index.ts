export { BatchDocumentsController, useBatch } from "./BatchDocumentsController";
export {
  BatchError,
  type BatchErrorDetails,
  type ClientErrorId,
} from "./errors/BatchError";
export {
  KUZZLE_MAX_REQUEST_BYTES,
  split,
  utf8Bytes,
  type Chunk,
  type SplitLimits,
  type TooLarge,
} from "./transport/split";
export * from "./types";
