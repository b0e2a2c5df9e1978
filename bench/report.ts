import type { Measured, MeasuredTarget, MeasuredVariant } from "./measure";

/** Where and with what was measured. */
export interface Setting {
  readonly measuredAt: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: string;
}

/** For the terminal, as soon as a scenario is over. */
export function toText(measured: Measured): string {
  const { id, title, variants, targets, figures } = measured;
  return [
    `\n${id}  ${title}`,
    ...variants.map((each) => `    ${variantText(measured, each)}`),
    ...targets.map((each) => `    ${mark(each.isReached)} ${targetText(each)}`),
    ...figures.map(
      ({ name, value, unit, atMost }) =>
        `    ${mark(value <= atMost)} ${name} ${value.toFixed(0)} ${unit}, to reach ≤ ${atMost}`,
    ),
  ].join("\n");
}

function variantText(
  measured: Measured,
  { name, median, p99, ratio, rounds }: MeasuredVariant,
): string {
  return [
    name.padEnd(28),
    `median ${median.toFixed(2).padStart(9)} ms`,
    `p99 ${p99.toFixed(2).padStart(9)} ms`,
    `ratio ${ratio.toFixed(2)}`,
    ...rateOf(measured, median),
    `${rounds} rounds`,
  ].join("   ");
}

/** Per second, where a round is of many. */
function rateOf({ unit }: Measured, median: number): string[] {
  return unit.name === "ms"
    ? []
    : [`${((1000 * unit.perRound) / median).toFixed(0)} ${unit.name}`];
}

function targetText(target: MeasuredTarget): string {
  return `${target.ratio.toFixed(2)} of ${target.against}, to reach ${boundText(target)}`;
}

function boundText(target: MeasuredTarget): string {
  return "atMost" in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}

function mark(isReached: boolean): string {
  return isReached ? "✓" : "✗";
}

/** The page that the documentation shows. */
export function toMarkdown(
  { measuredAt, versions, machine }: Setting,
  results: readonly Measured[],
): string {
  const list = Object.entries(versions).map(
    ([name, each]) => `${name} ${each}`,
  );
  return [
    "# The last run of `npm run bench`",
    "",
    `${measuredAt}, ${machine}; ${list.join(", ")}. Kuzzle in production mode, engine, Kuzzle and client on one machine, variants interleaved round by round. A ratio is of medians: the first line's time to this line's, or its rate where there is one. Answers are read to their last byte and not parsed, but for those through kuzzle-sdk.`,
    "",
    "| scenario | | median ms | p99 ms | ratio | per second | rounds |",
    "|---|---|---:|---:|---:|---:|---:|",
    ...results.flatMap((each) =>
      each.variants.map((variant, i) => row(each, variant, i === 0)),
    ),
    "",
    "| scenario | target | reached | |",
    "|---|---|---:|---|",
    ...results.flatMap(({ id, targets, figures }) => [
      ...targets.map(
        (each) =>
          `| ${id} | ${boundText(each)} of ${each.against} | ${each.ratio.toFixed(2)} | ${mark(each.isReached)} |`,
      ),
      ...figures.map(
        ({ name, value, unit, atMost }) =>
          `| ${id} | ${name} ≤ ${atMost} ${unit} | ${value.toFixed(0)} | ${mark(value <= atMost)} |`,
      ),
    ]),
    "",
  ].join("\n");
}

function row(
  measured: Measured,
  { name, median, p99, ratio, rounds }: MeasuredVariant,
  isFirst: boolean,
): string {
  const cells = [
    isFirst ? `**${measured.id}** ${measured.title}` : "",
    name,
    median.toFixed(2),
    p99.toFixed(2),
    isFirst ? "" : ratio.toFixed(2),
    rateOf(measured, median)[0]?.replace(/ .*/, "") ?? "",
    String(rounds),
  ];
  return `| ${cells.join(" | ")} |`;
}
