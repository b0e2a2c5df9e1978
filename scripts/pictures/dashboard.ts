import { readFileSync } from "node:fs";
import path from "node:path";

import { label, picture } from "./svg";

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  };
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const FILE = path.resolve(__dirname, "../../monitoring/grafana-dashboard.json");
const MARGIN = 20;
const COLUMN = 38;
const ROW = 14;
const TOP = 50;

/** The panels of the Grafana dashboard, in Grafana's layout. */
export function dashboard(): string {
  const { title, panels } = JSON.parse(readFileSync(FILE, "utf8")) as Dashboard;
  const bottom = Math.max(
    ...panels.map(({ gridPos }) => gridPos.y + gridPos.h),
  );
  return picture(
    MARGIN * 2 + 24 * COLUMN,
    TOP + bottom * ROW + MARGIN,
    `The panels of the dashboard "${title}"`,
    [
      label(MARGIN, 30, title, { bold: true, size: 16 }),
      ...panels.map((panel) => panelSvg(panel)),
    ],
  );
}

function panelSvg({ type, title, gridPos: { h, w, x, y } }: Panel): string {
  const left = MARGIN + x * COLUMN;
  const top = TOP + y * ROW + (type === "row" ? 0 : 4);
  if (type === "row") {
    return label(left, top + 12, `▾ ${title}`, { bold: true });
  }
  const [width, height] = [w * COLUMN - 8, h * ROW - 8];
  const [right, base] = [left + width - 12, top + height - 14];
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="3" fill="#f4f6f8" stroke="#c5ccd3"/>`,
    label(left + 10, top + 20, title),
    `<path d="M${left + 12} ${base}H${right}M${left + 12} ${base}V${top + 32}" stroke="#9aa5b1" fill="none"/>`,
    `<path d="${wave(left + 14, right, base, height - 52)}" stroke="#3a62a8" stroke-width="1.6" fill="none"/>`,
  ].join("\n");
}

/** A curve that stands for a time series and shows no figures. */
function wave(
  left: number,
  right: number,
  base: number,
  height: number,
): string {
  const steps = 24;
  const points = Array.from({ length: steps + 1 }, (_, i) => {
    const part = i / steps;
    const x = left + (right - left) * part;
    const up = 0.5 + 0.3 * Math.sin(part * 9) + 0.15 * Math.sin(part * 23);
    return `${x.toFixed(1)} ${(base - height * up).toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
