import type { Measured } from "./measure";

const WIDTH = 860;
const LABELS = 330;
const ROW = 24;
const TOP = 46;
const BAR = 14;

interface Bar {
  readonly label: string;
  /** ours to the other's, as times: below 1 is faster */
  readonly ratio: number;
  /** the target, as a ratio of times too */
  readonly bound: number;
}

/**
 * A bar for each target: how long ours takes, the other's time being 1. A tick
 * shows what is to be reached.
 */
export function toSvg(results: readonly Measured[]): string {
  const bars = results.flatMap(barsOf);
  const longest = Math.max(
    1,
    ...bars.map(({ ratio, bound }) => Math.max(ratio, bound)),
  );
  const scale = (WIDTH - LABELS - 70) / longest;
  const height = TOP + bars.length * ROW + 16;
  const x = (ratio: number): number => LABELS + ratio * scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="10" y="20" font-size="14" fill="#222">Time taken, beside what it is compared with (1): shorter is faster; ticks are the targets</text>
<line x1="${x(1)}" y1="${TOP - 12}" x2="${x(1)}" y2="${height - 10}" stroke="#999" stroke-dasharray="3 3"/>
${bars.map((bar, i) => barSvg(bar, TOP + i * ROW, x)).join("\n")}
</svg>
`;
}

function barsOf({ id, unit, targets }: Measured): Bar[] {
  const isTime = unit.name === "ms";
  return targets.map((target) => {
    const bound = "atMost" in target ? target.atMost : target.atLeast;
    return {
      label: `${id}, to ${target.against}`,
      ratio: isTime ? target.ratio : 1 / target.ratio,
      bound: isTime ? bound : 1 / bound,
    };
  });
}

function barSvg(
  { label, ratio, bound }: Bar,
  y: number,
  x: (ratio: number) => number,
): string {
  const colour = ratio <= bound ? "#2a7f62" : "#c46a1b";
  return [
    `<text x="${LABELS - 8}" y="${y + 11}" text-anchor="end" fill="#222">${label}</text>`,
    `<rect x="${LABELS}" y="${y}" width="${(x(ratio) - LABELS).toFixed(1)}" height="${BAR}" fill="${colour}"/>`,
    `<line x1="${x(bound).toFixed(1)}" y1="${y - 3}" x2="${x(bound).toFixed(1)}" y2="${y + BAR + 3}" stroke="#222" stroke-width="2"/>`,
    `<text x="${(x(Math.max(ratio, bound)) + 6).toFixed(1)}" y="${y + 11}" fill="#222">${ratio.toFixed(2)}</text>`,
  ].join("");
}
