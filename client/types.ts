/**
 * What the client's methods accept and return. The shapes are those of the actions.
 * Lists cover all requests into which a call was split, and positions are those of the
 * caller's own list.
 */
export type {
  Address,
  FailureCode,
  GetError,
  OperationName,
  ServerLimits,
  WriteError,
} from "../lib/types";
export type {
  Progress,
  NumberMode,
  CallOptions,
  GetOptions,
  FoundOptions,
  WritingOptions,
  WriteOptions,
  UpdateOptions,
  BatchWriteOptions,
  WriteStreamOptions,
  WriterOptions,
  LoaderOptions,
} from "./optionTypes";
export type {
  Items,
  RequestedDocument,
  Content,
  WriteInput,
  UpdateInput,
  WriteTarget,
  UpdateTarget,
  InCollection,
  UpsertInput,
  OperationInputs,
  Operation,
  Source,
} from "./inputTypes";
export type {
  CallStats,
  FoundDocument,
  FoundWithoutSource,
  WrittenDocument,
  WrittenWithoutSource,
  UpdatedDocument,
  UpdatedWithoutSource,
  BatchGetResult,
  BatchWriteResult,
  BatchUpdateResult,
  OperationResult,
  BatchOperationsResult,
  WriteStreamResult,
  Loader,
  WriterResult,
  Writer,
  RequestLimits,
} from "./answerTypes";
