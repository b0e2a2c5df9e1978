import type {
  GetCommand,
  UpdateCommand,
  WriteCommand,
  WriteDocument,
} from "../../lib/core/commands";

/** Commands with everything that a test does not care about. */

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

export function writeCommand(command: Partial<WriteCommand>): WriteCommand {
  return {
    index: "nyc",
    collection: "yellow",
    requested:
      (command.documents?.length ?? 0) +
      (command.validationErrors?.length ?? 0),
    documents: [],
    validationErrors: [],
    refresh: "false",
    strict: false,
    ...command,
  };
}

export function updateCommand(command: Partial<UpdateCommand>): UpdateCommand {
  return {
    ...writeCommand(command),
    retryOnConflict: 0,
    fetchSource: false,
    metadata: { updatedAt: 1, updater: "alyx" },
    ...command,
  };
}

/** Documents at successive positions, with a body that tells which it is. */
export function documents(
  ids: readonly string[],
  extra: Partial<WriteDocument> = {},
): WriteDocument[] {
  return ids.map((_id, position) => ({
    position,
    _id,
    body: { n: position },
    ...extra,
  }));
}
