import { parseArgs } from "node:util";

import { type Release, releases } from "../stack/engines/embedded";

/** Versions that have to work together. */
export interface Combination {
  /** its major, the newest of which is taken */
  readonly node: string;
  readonly kuzzle: string;
  readonly engine: Release;
  readonly sdk: string;
}

/** What is tested on every day. The lowest of each is what package.json claims. */
export const USUAL: Combination = {
  node: "20",
  kuzzle: "2.56.0",
  engine: "7.10",
  sdk: "7.17.1",
};

/** One thing at a time is another one than usual. */
export const COMBINATIONS: readonly Combination[] = [
  USUAL,
  { ...USUAL, node: "22" },
  { ...USUAL, node: "24" },
  { ...USUAL, kuzzle: "2.33.1" },
  { ...USUAL, kuzzle: "2.38.1" },
  { ...USUAL, kuzzle: "2.49.1" },
  { ...USUAL, kuzzle: "2.53.0" },
  { ...USUAL, engine: "7.17" },
  { ...USUAL, engine: "8.16" },
  { ...USUAL, sdk: "7.9.1" },
];

export interface MatrixOptions {
  readonly combinations: readonly Combination[];
  /** a small part of the features alone */
  readonly isShort: boolean;
  /** the parts to run, by their names; all when there are none */
  readonly only: readonly string[];
}

/**
 * Reads `--node 24 --kuzzle 2.38.1 --engine 7.17 --sdk 7.9.1`, of which each may be
 * left out, `--only HTTP`, which may be repeated, and `--short`. Without a version it
 * is all combinations.
 */
export function readOptions(args: readonly string[]): MatrixOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ node: text, kuzzle: text, engine: text, sdk: text },
      short: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  const { short: isShort, only, engine, ...versions } = values;
  const wanted = {
    ...versions,
    ...(engine !== undefined && { engine: releaseOf(engine) }),
  };
  const isOne = Object.keys(wanted).length > 0;
  return {
    combinations: isOne ? [{ ...USUAL, ...wanted }] : COMBINATIONS,
    isShort,
    only,
  };
}

/** "8" is any 8. */
function releaseOf(version: string): Release {
  const release = releases.find(
    (known) => known === version || known.startsWith(`${version}.`),
  );
  if (release !== undefined) return release;
  throw new Error(`--engine is one of ${releases.join(", ")}, not ${version}.`);
}
