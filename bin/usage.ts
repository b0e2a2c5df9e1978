/** Invalid arguments or options: exit code 2. */
export class UsageError extends Error {}

/** Interrupted while waiting for the input or the server. */
export class Interrupted extends Error {}

/** The exit codes of the command. */
export const EXIT = {
  /** all is done */
  done: 0,
  /** done, but some rows were rejected, or some ids were not found */
  incomplete: 1,
  /** the options, the input or the checkpoint are invalid; nothing was sent */
  usage: 2,
  /**
   * the server cannot be reached, or answered with an error: login, rights, index,
   * collection
   */
  rejected: 3,
  /** ended early, and can be resumed */
  brokenOff: 4,
  interrupted: 130,
  /** the reader of the output has ended (`| head`) */
  outputClosed: 141,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
