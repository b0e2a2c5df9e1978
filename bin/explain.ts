import { ApiError, ConnectionLost } from "./connection/connection";
import { ServerGone } from "./connection/ReliableConnection";
import { InputBrokenOff, InputError } from "./input/rawRow";
import { OutputClosed } from "./output/LineSink";
import { goOn } from "./output/words";
import { EXIT, type ExitCode, Interrupted, UsageError } from "./usage";

interface Explanation {
  /** for people; empty when there is nothing to say */
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** What went wrong, what to do about it, and the exit code. */
export function explain(
  error: unknown,
  {
    checkpoint,
    username,
    apiKey,
  }: {
    readonly checkpoint?: string;
    readonly username?: string;
    readonly apiKey?: string;
  },
): Explanation {
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
      message: `The server can't be reached: ${error.message}`,
      exitCode: EXIT.refused,
    };
  }
  if (error instanceof ApiError) {
    const { status, id, message } = error;
    const isStranger = username === undefined && apiKey === undefined;
    const hint =
      status === 401 && isStranger
        ? "\nNobody is logged in: see --username and --api-key."
        : "";
    const name = id === "" ? "" : ` (${id})`;
    return {
      message: `The server refuses, ${status}: ${message}${name}${hint}`,
      exitCode: EXIT.refused,
    };
  }
  const { message } = error as Error;
  return {
    message: `It went wrong: ${message}\n${goOn(checkpoint)}`,
    exitCode: EXIT.brokenOff,
  };
}
