import { BatchPlugin } from "./lib/BatchPlugin";

export type * from "./lib/types";
export { BatchPlugin };
export default BatchPlugin;

// a plugin installed as a directory is loaded by `new (require(path))()`, so
// the module is the class itself, with the names above on it
module.exports = Object.assign(BatchPlugin, {
  __esModule: true,
  BatchPlugin,
  default: BatchPlugin,
});
