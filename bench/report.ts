import type { Measured } from "./measure";

export function toTable({ id, title, variants, targets }: Measured): string {
  return [
    `${id}  ${title}`,
    ...variants.map(
      ({ name, median, p99, ratio, rounds }) =>
        `    ${name.padEnd(30)} median ${median.toFixed(2).padStart(9)} ms   p99 ${p99.toFixed(2).padStart(9)} ms   ratio ${ratio.toFixed(3)}   (${rounds})`,
    ),
    ...targets.map(
      (target) =>
        `    ${target.isReached ? "✓" : "✗"} ${target.ratio.toFixed(3)} of ${target.against}, to reach ${"atMost" in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`}`,
    ),
  ].join("\n");
}
