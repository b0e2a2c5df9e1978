import { BatchPlugin } from "./lib/BatchPlugin";

/** @public What the actions answer, item by item; see the pages of the actions. */
export type {
  Address,
  Completeness,
  Failure,
  FailureCode,
  FoundDocument,
  GetError,
  NotFound,
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
