/**
 * How much a series grows by its trend, over its whole length.
 *
 * The trend is the median of the slopes between all pairs, which is robust against
 * outliers. Source: Sen, "Estimates of the regression coefficient based on Kendall's tau",
 * 1968.
 *
 * @returns as a share of the median value; negative if it shrinks
 */
export function steadyGrowth(values: readonly number[]): number {
  const slopes = values.flatMap((value, i) =>
    values.slice(i + 1).map((later, gap) => (later - value) / (gap + 1)),
  );
  const grown = median(slopes) * (values.length - 1);
  return grown / Math.max(1, median(values));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
