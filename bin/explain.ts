import { ApiError, ConnectionLost } from "./connection/connection";
import { ServerGone } from "./connection/ReliableConnection";
import { InputBrokenOff, InputError } from "./input/rawRow";
import { OutputClosed } from "./output/LineSink";
import { goOn } from "./output/words";
import { EXIT, type ExitCode, Interrupted, UsageError } from "./usage";

interface Explanation {
  /** for the user; empty if there is nothing to say */
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Explains an error and what to do about it, and returns the exit code. */
export function explain(
  error: unknown,
  flags: {
    /** false: the command has none */
    readonly checkpoint?: string | false;
    readonly username?: string;
  },
): Explanation {
  const { checkpoint } = flags;
  if (error instanceof UsageError || error instanceof InputError) {
    return { message: error.message, exitCode: EXIT.usage };
  }
  if (error instanceof Interrupted) {
    return { message: goOn(checkpoint), exitCode: EXIT.interrupted };
  }
  if (error instanceof OutputClosed) {
    return { message: "", exitCode: EXIT.outputClosed };
  }
  if (error instanceof ServerGone || error instanceof InputBrokenOff) {
    return {
      message: `${error.message}\n${goOn(checkpoint)}`,
      exitCode: EXIT.brokenOff,
    };
  }
  if (error instanceof ConnectionLost) {
    return {
      message: `The server cannot be reached: ${error.message}`,
      exitCode: EXIT.rejected,
    };
  }
  if (error instanceof ApiError) {
    const { status, id, message } = error;
    const name = id === "" ? "" : ` (${id})`;
    return {
      message: `Kuzzle answered ${status}: ${message}${name}${hintOf(error, flags)}`,
      exitCode: EXIT.rejected,
    };
  }
  const { message } = error as Error;
  return {
    message: `Unexpected error: ${message}\n${goOn(checkpoint)}`,
    exitCode: EXIT.brokenOff,
  };
}

function hintOf(
  { status, id }: ApiError,
  { username }: { readonly username?: string },
): string {
  if (id === "security.token.invalid" || id === "security.token.expired") {
    return "\nThe API key or token is not valid: check KUZZLE_API_KEY.";
  }
  const isAnonymous = username === undefined && !process.env.KUZZLE_API_KEY;
  return status === 401 && isAnonymous
    ? "\nNot logged in: see --username and --api-key-file."
    : "";
}
