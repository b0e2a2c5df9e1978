export type Row = ReadonlyArray<string | number>;

/** A Markdown table; the first row is its head. */
export function markdown([head = [], ...rows]: readonly Row[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
