/** Kuzzle's counters, parsed from Prometheus's text format. */
export class Samples {
  private constructor(private readonly all: readonly Sample[]) {}

  /** Ignores lines that are not the plugin's. */
  static parse(text: string): Samples {
    return new Samples(text.split("\n").flatMap(parseLine));
  }

  /** The sum over all series with these labels. */
  sum(name: string, labels: Labels = {}): number {
    return this.of(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** The values of a label. */
  values(name: string, label: string): string[] {
    const values = this.of(name, {}).map(({ labels }) => labels[label] ?? "");
    return [...new Set(values)].sort();
  }

  /** The number of observations up to each bound of a histogram. */
  buckets(name: string, labels: Labels): Map<number, number> {
    const buckets = new Map<number, number>();
    for (const { labels: own, value } of this.of(`${name}_bucket`, labels)) {
      const bound = own.le === "+Inf" ? Infinity : Number(own.le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
    return buckets;
  }

  private of(name: string, labels: Labels): Sample[] {
    return this.all.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(
          ([key, value]) => sample.labels[key] === value,
        ),
    );
  }
}

export type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^(kuzzle_batch_\w+)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

function parseLine(line: string): Sample[] {
  const match = LINE.exec(line);
  if (!match) return [];
  const [, name = "", labels = "", value] = match;
  return [
    {
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(LABEL)].map(([, key, text]) => [key, text]),
      ) as Labels,
      value: Number(value),
    },
  ];
}

/**
 * The bound below which a share of the observations lies, without those of `before`;
 * undefined if there are none.
 */
export function quantile(
  share: number,
  now: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
): number | undefined {
  const since = [...now]
    .map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const)
    .sort(([one], [other]) => one - other);
  const total = since.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  return since.find(([, count]) => count >= share * total)?.[0];
}
