/** Boxes, arrows and text for the diagrams of the documentation. */

export type Kind = "step" | "good" | "bad" | "open" | "store";

const COLOURS: Readonly<Record<Kind, { fill: string; stroke: string }>> = {
  step: { fill: "#f4f6f8", stroke: "#5b6b7b" },
  good: { fill: "#e3f4ec", stroke: "#2a7f62" },
  bad: { fill: "#fbe9e4", stroke: "#b5482a" },
  open: { fill: "#fdf4dc", stroke: "#a77a12" },
  store: { fill: "#e7eefb", stroke: "#3a62a8" },
};

const INK = "#222";
const LINE = 17;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** the first line is bold; text in backticks is code */
  readonly lines: readonly string[];
  readonly kind: Kind;
}

export function heightOf({ lines }: Pick<Box, "lines">): number {
  return lines.length * LINE + 14;
}

export function box(given: Box): string {
  const { x, y, width, lines, kind } = given;
  const { fill, stroke } = COLOURS[kind];
  const height = heightOf(given);
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${stroke}" stroke-width="1.4"/>`;
  const text = lines.map((line, i) =>
    label(x + width / 2, y + 20 + i * LINE, line, {
      anchor: "middle",
      bold: i === 0,
    }),
  );
  return [rect, ...text].join("\n");
}

interface LabelStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  readonly size?: number;
}

export function label(
  x: number,
  y: number,
  text: string,
  { anchor = "start", bold = false, size = 13 }: LabelStyle = {},
): string {
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}"${weight} fill="${INK}">${withCode(text)}</text>`;
}

type Point = readonly [x: number, y: number];

/** A line through the points, with an arrowhead at the last one. */
export function arrow(points: readonly Point[]): string {
  const line = points.map((point) => point.join(",")).join(" ");
  return `<polyline points="${line}" fill="none" stroke="${INK}" stroke-width="1.3" marker-end="url(#head)"/>`;
}

export function picture(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" role="img">
<title>${escaped(title)}</title>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="${INK}"/></marker></defs>
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function withCode(text: string): string {
  return text
    .split("`")
    .map((part, i) =>
      i % 2 === 0
        ? escaped(part)
        : `<tspan font-family="Menlo, Consolas, monospace" font-size="12">${escaped(part)}</tspan>`,
    )
    .join("");
}
