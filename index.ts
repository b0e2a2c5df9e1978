import { BatchPlugin } from "./lib/BatchPlugin";

/**
 * The plugin's configuration, and what its actions answer, item by item: each of
 * these types is `@public`, and nothing else of lib is.
 */
export type {
  Address,
  AllowedPrefix,
  BatchPluginConfig,
  DocumentVersion,
  Failure,
  FailureCode,
  FoundDocument,
  GetError,
  NotFound,
  OperationName,
  OperationResult,
  PresignSettings,
  ServerLimits,
  Shards,
  Source,
  Stats,
  StoredDocument,
  UpdatedDocument,
  WriteError,
  WriteInput,
  WrittenDocument,
} from "./lib/types";
export { BatchPlugin };
export default BatchPlugin;

// a plugin installed as a directory is loaded by `new (require(path))()`, so
// the module is the class itself, with the names above on it
module.exports = Object.assign(BatchPlugin, {
  __esModule: true,
  BatchPlugin,
  default: BatchPlugin,
});
