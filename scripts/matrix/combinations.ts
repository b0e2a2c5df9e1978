import { parseArgs } from "node:util";

import { type Release, releases } from "../stack/engines/embedded";

/** Versions that must work together. */
export interface Combination {
  /** a major version, of which the newest release is used */
  readonly node: string;
  readonly kuzzle: string;
  readonly engine: Release;
  readonly sdk: string;
}

/** Tested daily. The lowest version of each is the one that package.json claims. */
export const USUAL: Combination = {
  node: "20",
  kuzzle: "2.56.0",
  engine: "7.10",
  sdk: "7.17.1",
};

/** Each differs from the usual combination in one version. */
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
  /** run only a small part of the features */
  readonly isShort: boolean;
  /** names of the parts to run; empty for all */
  readonly only: readonly string[];
}

/**
 * Parses `--node 24 --kuzzle 2.38.1 --engine 7.17 --sdk 7.9.1`, each optional, `--only
 * HTTP`, which may be repeated, and `--short`. Without versions, all combinations are
 * run.
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

/** "8" means any 8.x. */
function releaseOf(version: string): Release {
  const release = releases.find(
    (known) => known === version || known.startsWith(`${version}.`),
  );
  if (release !== undefined) return release;
  throw new Error(
    `--engine must be one of ${releases.join(", ")}, not ${version}.`,
  );
}
