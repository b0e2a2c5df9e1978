/** What was asked for can't be done as it was asked: exit code 2. */
export class UsageError extends Error {}

/** Stopped while it waited, for its input or for the server. */
export class Interrupted extends Error {}

/** The exit codes of the command. */
export const EXIT = {
  /** all is done */
  done: 0,
  /** done, but some rows were rejected, or some ids were not found */
  incomplete: 1,
  /** the options, the input or the checkpoint are at fault; nothing was sent */
  usage: 2,
  /** the server can't be reached or refuses: login, rights, index, collection */
  refused: 3,
  /** it has broken off in the middle, and can be taken up again */
  brokenOff: 4,
  interrupted: 130,
  /** who read our output wants no more of it (`| head`) */
  outputClosed: 141,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
