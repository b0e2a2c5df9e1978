import type { GetCommand, GetResult } from "../commands";
import type { ExecutionContext } from "../ExecutionContext";
import { append, noLists } from "./mergeReads";
import type { ReadHooks } from "./readDocuments";
import { readParts } from "./readParts";

/** The whole answer of `readParts`, its errors in the order of the request. */
export async function batchGet(
  command: GetCommand,
  execution: ExecutionContext,
  hooks?: ReadHooks,
): Promise<GetResult> {
  const lists = noLists();
  for await (const part of readParts(command, execution, hooks, "whole")) {
    if (part.kind === "stats") {
      const { stats, unprocessed } = part;
      lists.errors.sort((a, b) => a.position - b.position);
      return { ...lists, unprocessed, stats };
    }
    append(lists, part.lists);
  }
  throw new Error("An answer has its stats in its last part.");
}
