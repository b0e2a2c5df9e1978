/*
 * What failed, one line each: a log of which only the end is kept has to end with it.
 */

const MAX_MESSAGE_CHARACTERS = 300;

/** Begins the lines that `.ci/run` repeats at its end. */
export const FAILED = "FAILED  ";

/** What a task prints before its sum. */
export function failureLines(
  title: string,
  failures: readonly string[],
): string {
  return failures.map((failure) => `${FAILED}${title} › ${failure}\n`).join("");
}

/** The lines of a text that `failureLines` has written, without their mark. */
export function readFailureLines(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith(FAILED))
    .map((line) => line.slice(FAILED.length));
}

/** "suite › test: message" of each failure in mocha's output. */
export function mochaFailures(output: string): string[] {
  const [, list = ""] = output.split(/^ {2}\d+ failing$/m);
  return list
    .split(/^ {2}\d+\) /m)
    .slice(1)
    .map((text) => {
      const lines = text.split("\n");
      // mocha indents what follows the first line of a title by seven or more
      const end = lines.findIndex((line, i) => i > 0 && !/^ {7}/.test(line));
      const title = lines.slice(0, end).map((line) => line.trim());
      const message = lines
        .slice(end)
        .join("\n")
        .split(/^\s+at /m)[0];
      return `${title.join(" › ")} ${shortened(message ?? "")}`;
    });
}

/** The lines in which our scripts say what went wrong. */
export function scriptFailures(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("✗ "))
    .map((line) => shortened(line.slice("✗ ".length)));
}

/** The end of what a program has printed, where it has not said what failed. */
export function endOf(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return shortened(lines.slice(-6).join(" | "));
}

/** The beginning of a text, on one line, without colours. */
export function shortened(message: string): string {
  const text = message
    // eslint-disable-next-line no-control-regex
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return text.length <= MAX_MESSAGE_CHARACTERS
    ? text
    : `${text.slice(0, MAX_MESSAGE_CHARACTERS)}…`;
}
