import type { OperationName } from "../../types";
import type { NativeEvents } from "../nativeRequest";

/** Kuzzle's own action for each operation. */
export const NATIVE_WRITES: Readonly<Record<OperationName, NativeEvents>> = {
  create: documentEvents("MCreate", "Write"),
  createOrReplace: documentEvents("MCreateOrReplace", "Write"),
  replace: documentEvents("MReplace", "Write"),
  write: {
    controller: "bulk",
    action: "mWrite",
    before: "bulk:beforeMWrite",
    after: "bulk:afterMWrite",
  },
  update: documentEvents("MUpdate", "Update"),
  upsert: documentEvents("MUpsert", "Update"),
  delete: documentEvents("MDelete", "Delete"),
};

type DocumentAction =
  | "MCreate"
  | "MCreateOrReplace"
  | "MReplace"
  | "MUpdate"
  | "MUpsert"
  | "MDelete";

/** Source: kuzzle/lib/api/controllers/documentController, `actions`. */
function documentEvents(
  action: DocumentAction,
  generic: "Write" | "Update" | "Delete",
): NativeEvents {
  return {
    controller: "document",
    action: `m${action.slice(1)}` as NativeEvents["action"],
    before: `document:before${action}`,
    after: `document:after${action}`,
    genericBefore: `generic:document:before${generic}`,
    genericAfter: `generic:document:after${generic}`,
  };
}
