/** Prometheus' text format, as far as our registry and other plugins use it. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function readSamples(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(readSample);
}

function readSample(line: string): Sample {
  const [, name = "", labels = "", value = ""] =
    /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === "") {
    throw new Error(`Not a line of Prometheus' format: ${line}`);
  }
  return { name, labels: readLabels(labels), value: Number(value) };
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, name = "", value = ""]) => [name, value],
    ),
  );
}

/** The metrics declared in a text, with their types. */
export function readTypes(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(
      ([, name = "", type = ""]) => [name, type],
    ),
  );
}

/** The sum of all samples of a name with (at least) these labels. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(
        ([label, value]) => sample.labels[label] === value,
      ),
    )
    .reduce((sum, { value }) => sum + value, 0);
}
