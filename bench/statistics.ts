export interface Summary {
  readonly rounds: number;
  readonly median: number;
  readonly p99: number;
}

/** For times in milliseconds. @throws RangeError if there are none */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) {
    throw new RangeError("there is nothing to summarize");
  }
  const sorted = sortedOf(samples);
  return {
    rounds: sorted.length,
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
  };
}

/** @param share from 0 to 1, such as 0.99 */
export function quantileOf(samples: readonly number[], share: number): number {
  return quantile(sortedOf(samples), share);
}

function sortedOf(samples: readonly number[]): number[] {
  return [...samples].sort((one, other) => one - other);
}

/** Interpolates between the two nearest ranks. */
function quantile(sorted: readonly number[], share: number): number {
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}
