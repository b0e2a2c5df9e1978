import { cpuText } from "./cpu";
import type { MeasuredLoad, MeasuredVariant } from "./measure";

/** For the terminal, as soon as a scenario has ended. */
export function loadToText(measured: MeasuredLoad): string {
  const { id, title, callers, variants } = measured;
  return [
    `\n${id}  ${title}, ${callers} callers`,
    ...variants.map(
      ({ name, rate, rateRatio, p50, p99, p999, medianRatio, cpu }) =>
        `    ${name.padEnd(28)} ${rate.toFixed(0).padStart(6)} requests/s   ratio ${rateRatio.toFixed(2)}   p50 ${p50.toFixed(1)} ms (ratio ${medianRatio.toFixed(2)})   p99 ${p99.toFixed(1)}   p99.9 ${p999.toFixed(1)}   ${cpuText(cpu)}`,
    ),
    ...targetText(measured).map((text) => `    ${text}`),
  ].join("\n");
}

/** For the documentation's page. */
export function loadToMarkdown(results: readonly MeasuredLoad[]): string {
  return [
    "",
    "Many callers at once, each of whom asks again as soon as it has its answer, in turns of 1.5 s:",
    "",
    "| scenario | | requests/s | ratio | p50 ms | p99 ms | p99.9 ms | CPU ms a request: Kuzzle | engine | callers | |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ...results.flatMap((each) =>
      each.variants.map((variant, i) => row(each, variant, i)),
    ),
    "",
  ].join("\n");
}

function row(measured: MeasuredLoad, each: MeasuredVariant, i: number): string {
  const { id, title, callers } = measured;
  const isMedian =
    measured.target !== undefined && "medianAtMost" in measured.target;
  const ratio = isMedian ? each.medianRatio : each.rateRatio;
  const cells = [
    i === 0 ? `**${id}** ${title}, ${callers} callers` : "",
    each.name,
    each.rate.toFixed(0),
    i === 0 ? "" : ratio.toFixed(2),
    each.p50.toFixed(1),
    each.p99.toFixed(1),
    each.p999.toFixed(1),
    each.cpu.kuzzle.toFixed(2),
    Number.isNaN(each.cpu.engine) ? "" : each.cpu.engine.toFixed(2),
    each.cpu.callers.toFixed(2),
    i === 1 ? targetText(measured).join() : "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function targetText({ target }: MeasuredLoad): string[] {
  if (target === undefined) {
    return [];
  }
  const mark = target.isReached ? "✓" : "✗";
  return [
    "rateAtLeast" in target
      ? `${mark} rate ≥ ${target.rateAtLeast}`
      : `${mark} median ≤ ${target.medianAtMost}`,
  ];
}
