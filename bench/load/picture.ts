import type { MeasuredLoad } from "./measure";

const PANEL = { width: 300, height: 240, left: 56, top: 40, gap: 70 };
const COLOURS: Readonly<Record<string, string>> = {
  ours: "#2a7f62",
  native: "#8a8a8a",
};

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Panel {
  readonly title: string;
  /** labels of the axes */
  readonly axes: readonly [string, string];
  readonly isLogarithmic: { readonly x: boolean; readonly y: boolean };
  readonly lines: Readonly<Record<string, readonly Point[]>>;
}

/**
 * Four panels: rate by number of callers, median time by rate, and how time grows with
 * the number of documents and of collections (both axes logarithmic). Undefined if
 * their scenarios were not measured.
 */
export function loadPicture(
  results: readonly MeasuredLoad[],
): string | undefined {
  const rates = results
    .filter(({ id }) => id === "L1" || id.startsWith("rate-"))
    .sort((one, other) => one.callers - other.callers);
  const growths = GROWTHS.map(([prefix, title, axis]) =>
    growthPanel(results, prefix, title, axis),
  );
  if (
    rates.length === 0 ||
    growths.some(({ lines }) => lines.ours?.length === 0)
  ) {
    return undefined;
  }
  const panels: Panel[] = [
    {
      title: "batchGet of 10 / mGet",
      axes: ["callers", "requests/s"],
      isLogarithmic: { x: true, y: false },
      lines: linesOf(rates, ({ callers }, { rate }) => ({
        x: callers,
        y: rate,
      })),
    },
    {
      title: "the same",
      axes: ["requests/s", "median, ms"],
      isLogarithmic: { x: false, y: true },
      lines: linesOf(rates, (_, { rate, p50 }) => ({ x: rate, y: p50 })),
    },
    ...growths,
  ];
  const step = PANEL.width + PANEL.gap;
  const width = PANEL.left + panels.length * step;
  const height = PANEL.top + PANEL.height + 50;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="#fff"/>
${panels.map((panel, i) => panelSvg(panel, PANEL.left + i * step)).join("\n")}
</svg>
`;
}

/** Prefixes of ids that end with a number, and what the number counts. */
const GROWTHS = [
  ["ids-", "one caller, more and more documents", "documents"],
  ["collections-", "200 documents, more and more collections", "collections"],
] as const;

function growthPanel(
  results: readonly MeasuredLoad[],
  prefix: string,
  title: string,
  axis: string,
): Panel {
  return {
    title,
    axes: [axis, "median, ms"],
    isLogarithmic: { x: true, y: true },
    lines: linesOf(
      results.filter(({ id }) => id.startsWith(prefix)),
      ({ id }, { p50 }) => ({ x: Number(id.slice(prefix.length)), y: p50 }),
    ),
  };
}

function linesOf(
  results: readonly MeasuredLoad[],
  pointOf: (
    measured: MeasuredLoad,
    variant: MeasuredLoad["variants"][number],
  ) => Point,
): Panel["lines"] {
  return Object.fromEntries(
    Object.keys(COLOURS).map((name) => [
      name,
      results.flatMap((measured) =>
        measured.variants
          .filter((variant) => variant.name === name)
          .map((variant) => pointOf(measured, variant)),
      ),
    ]),
  );
}

function panelSvg(panel: Panel, left: number): string {
  const { title, axes, isLogarithmic, lines } = panel;
  const { width, height, top } = PANEL;
  const all = Object.values(lines).flat();
  const xs = scale(
    all.map(({ x }) => x),
    isLogarithmic.x,
  );
  const ys = scale(
    all.map(({ y }) => y),
    isLogarithmic.y,
  );
  const at = ({ x, y }: Point): string =>
    `${(left + xs.at(x) * width).toFixed(1)},${(top + (1 - ys.at(y)) * height).toFixed(1)}`;
  return [
    `<text x="${left}" y="${top - 16}" font-size="13" fill="#222">${title}</text>`,
    `<path d="M${left},${top}V${top + height}H${left + width}" fill="none" stroke="#999"/>`,
    ...xs.ticks.map(
      (tick) =>
        `<text x="${(left + xs.at(tick) * width).toFixed(1)}" y="${top + height + 16}" text-anchor="middle" fill="#444">${tickText(tick)}</text>`,
    ),
    ...ys.ticks.map(
      (tick) =>
        `<text x="${left - 6}" y="${(top + (1 - ys.at(tick)) * height + 4).toFixed(1)}" text-anchor="end" fill="#444">${tickText(tick)}</text>`,
    ),
    `<text x="${left + width}" y="${top + height + 34}" text-anchor="end" fill="#222">${axes[0]}</text>`,
    `<text x="${left + 6}" y="${top + 4}" fill="#222">${axes[1]}</text>`,
    ...Object.entries(lines).flatMap(([name, points], i) => [
      `<polyline points="${points.map(at).join(" ")}" fill="none" stroke="${COLOURS[name]}" stroke-width="2"/>`,
      ...points.map(
        (point) =>
          `<circle cx="${at(point).replace(",", '" cy="')}" r="3" fill="${COLOURS[name]}"/>`,
      ),
      `<text x="${left + width - 8}" y="${top + 4 + i * 15}" text-anchor="end" fill="${COLOURS[name]}">${name}</text>`,
    ]),
  ].join("\n");
}

interface Scale {
  /** from 0 to 1 */
  at(value: number): number;
  readonly ticks: readonly number[];
}

function scale(values: readonly number[], isLogarithmic: boolean): Scale {
  const most = Math.max(...values);
  if (!isLogarithmic) {
    return {
      at: (value) => value / most,
      ticks: [0, most / 2, most].map((tick) => Math.round(tick)),
    };
  }
  const least = Math.min(...values);
  const first = Math.floor(Math.log10(least));
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  return {
    at: (value) => (Math.log10(value) - first) / (last - first),
    ticks: Array.from(
      { length: last - first + 1 },
      (_, i) => 10 ** (first + i),
    ),
  };
}

function tickText(value: number): string {
  return value >= 1 ? value.toLocaleString("en") : String(value);
}
