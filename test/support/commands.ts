import type {
  BatchCommand,
  GetCommand,
  WriteDocument,
} from "../../lib/core/commands";

/** Commands with defaults for everything that is irrelevant to a test. */

export function getCommand(command: Partial<GetCommand>): GetCommand {
  return {
    index: "nyc",
    requested:
      (command.asked?.length ?? 0) + (command.validationErrors?.length ?? 0),
    asked: [],
    validationErrors: [],
    collections: [],
    source: { kind: "all" },
    isRaw: false,
    maxResponseBytes: 1024 * 1024,
    ...command,
  };
}

/** A write, unless its documents say otherwise. */
export function writeCommand(command: Partial<BatchCommand>): BatchCommand {
  return {
    index: "nyc",
    requested:
      (command.documents?.length ?? 0) +
      (command.validationErrors?.length ?? 0),
    documents: [],
    validationErrors: [],
    refresh: "false",
    strict: false,
    counter: "written",
    retryOnConflict: 0,
    stamp: { at: 1, userId: "alyx" },
    wantsSource: () => true,
    ...command,
  };
}

export function updateCommand(command: Partial<BatchCommand>): BatchCommand {
  return writeCommand({
    counter: "updated",
    wantsSource: () => false,
    ...command,
    ...(command.documents && {
      documents: command.documents.map((each) => ({ ...each, op: "update" })),
    }),
  });
}

/** Documents at successive positions, with their number in the body. */
export function documents(
  ids: readonly string[],
  extra: Partial<WriteDocument> = {},
): WriteDocument[] {
  return ids.map((_id, position) => ({
    position,
    op: "write",
    collection: "yellow",
    _id,
    body: { n: position },
    ...extra,
  }));
}
