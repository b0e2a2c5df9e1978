export type Row = ReadonlyArray<string | number>;

/** A table of Markdown; its first row is the head. */
export function markdown([head = [], ...rows]: readonly Row[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
