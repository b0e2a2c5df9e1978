/* Failures, one line each, for the end of the log: CI may keep only the end. */

const MAX_MESSAGE_CHARACTERS = 300;

/** Marks the lines that `.ci/run` repeats at its end. */
export const FAILED = "FAILED  ";

/** The lines that a task prints before its total. */
export function failureLines(
  title: string,
  failures: readonly string[],
): string {
  return failures.map((failure) => `${FAILED}${title} › ${failure}\n`).join("");
}

/** The lines written by `failureLines`, without their mark. */
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
      // mocha indents the lines after the first line of a title by seven or more
      const end = lines.findIndex((line, i) => i > 0 && !/^ {7}/.test(line));
      const title = lines.slice(0, end).map((line) => line.trim());
      const message = lines
        .slice(end)
        .join("\n")
        .split(/^\s+at /m)[0];
      return `${title.join(" › ")} ${shortened(message ?? "")}`;
    });
}

/** The lines in which our scripts report errors. */
export function scriptFailures(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("✗ "))
    .map((line) => shortened(line.slice("✗ ".length)));
}

/** The last lines of a program's output, if it did not say what failed. */
export function endOf(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return shortened(lines.slice(-6).join(" | "));
}

/** The beginning of a text on one line, without colors. */
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
