/** Pictures of a terminal: a program's output as a screen shows it. */
import { escaped } from "./svg";

const CHARACTER = 8.4;
const LINE = 20;
const MARGIN = 18;
const TITLE_BAR = 30;

/** Browsers collapse other spaces. */
const NO_BREAK_SPACE = "\u00a0";

/** Control sequences, returns, and the text between them. */
// eslint-disable-next-line no-control-regex
const PARTS = /\x1b(?:\[[?\d;]*[A-Za-z]|\d)|\r|[^\x1b\r]+/g;

/** Columns of the screen. */
export const COLUMNS = 100;

/** The final lines of the screen. @param written all output to the terminal */
export function screen(written: string): string[] {
  const lines: string[] = [];
  for (const line of written.split("\n")) {
    let shown = "";
    let column = 0;
    for (const [part] of line.matchAll(PARTS)) {
      if (part === "\r" || part === "\x1b[1G") column = 0;
      else if (part === "\x1b[2K") shown = "";
      else if (part === "\x1b[0K" || part === "\x1b[K")
        shown = shown.slice(0, column);
      else if (!part.startsWith("\x1b")) {
        shown =
          shown.slice(0, column) + part + shown.slice(column + part.length);
        column += part.length;
      }
    }
    lines.push(shown.trimEnd());
  }
  while (lines.at(-1) === "") lines.pop();
  return lines.flatMap(wrapped);
}

/** Wraps a line that is wider than the screen, as a terminal does. */
function wrapped(line: string): string[] {
  const rows = Math.max(1, Math.ceil(line.length / COLUMNS));
  return Array.from({ length: rows }, (_, i) =>
    line.slice(i * COLUMNS, (i + 1) * COLUMNS),
  );
}

export function terminal(title: string, lines: readonly string[]): string {
  const columns = Math.max(...lines.map(({ length }) => length));
  const width = Math.ceil(columns * CHARACTER) + 2 * MARGIN;
  const height = TITLE_BAR + lines.length * LINE + MARGIN;
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (colour, i) =>
      `<circle cx="${MARGIN + i * 18}" cy="16" r="5.5" fill="${colour}"/>`,
  );
  const text = lines.map(
    (line, i) =>
      `<text x="${MARGIN}" y="${TITLE_BAR + 14 + i * LINE}" textLength="${(line.length * CHARACTER).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${escaped(line).replaceAll(" ", NO_BREAK_SPACE)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#1b2027"/>
${[...lights, ...text].join("\n")}
</svg>
`;
}
