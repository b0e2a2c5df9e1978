import { batchError } from "./errors";

interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly description: string;
}

/**
 * Every setting of `plugins.batch`: the one source of the defaults, of the
 * validation and of the docs page. All are whole numbers.
 */
export const SETTINGS = {
  readChunkDocuments: {
    default: 500,
    min: 1,
    max: 10_000,
    unit: "documents",
    description:
      "How many documents one multi-get asks the engine for. Larger requests are cut into several, which run side by side.",
  },
  maxLookups: {
    default: 100_000,
    min: 1,
    max: 10_000_000,
    unit: "look-ups",
    description:
      "How many look-ups one batchGet may cause: an id without a collection is looked up in every collection of the index.",
  },
  maxResponseBytes: {
    default: 64 * 1024 * 1024,
    min: 1024,
    max: 1024 * 1024 * 1024,
    unit: "bytes",
    description:
      "How large the answer of a batchGet may become; the rest of the ids is `unprocessed`. A streamed answer has no bound.",
  },
  writeChunkDocuments: {
    default: 1_000,
    min: 1,
    max: 10_000,
    unit: "documents",
    description: "How many documents one bulk call to the engine may hold.",
  },
  writeChunkBytes: {
    default: 5 * 1024 * 1024,
    min: 1024,
    max: 100 * 1024 * 1024,
    unit: "bytes",
    description:
      "How large one bulk call to the engine may be. A single document above it goes alone.",
  },
  minConcurrency: {
    default: 1,
    min: 1,
    max: 1_000,
    unit: "calls",
    description:
      "How many calls to the engine a node may always have under way, however often the engine has refused.",
  },
  maxConcurrency: {
    default: 8,
    min: 1,
    max: 1_000,
    unit: "calls",
    description:
      "How many calls to the engine a node may have under way at most, over all requests.",
  },
  maxRetries: {
    default: 6,
    min: 0,
    max: 20,
    unit: "times",
    description:
      "How often what the engine refused (429, 503) is sent again, before it is an error.",
  },
  retryBaseDelayMs: {
    default: 50,
    min: 0,
    max: 60_000,
    unit: "milliseconds",
    description:
      "The bound of the first random wait before sending again; it doubles each time.",
  },
  retryMaxDelayMs: {
    default: 5_000,
    min: 0,
    max: 300_000,
    unit: "milliseconds",
    description: "The bound of any wait before sending again.",
  },
  engineTimeoutMs: {
    default: 30_000,
    min: 100,
    max: 600_000,
    unit: "milliseconds",
    description:
      "After this time a call to the engine is given up; what it was to write is then an unknown outcome.",
  },
} as const satisfies Record<string, Setting>;

export type BatchConfig = { readonly [Name in keyof typeof SETTINGS]: number };

/**
 * Completes what a user has configured with the defaults.
 *
 * @throws {BatchError} `batch.config.invalid`, with the value and what is
 * allowed, so that Kuzzle does not start on a mistake
 */
export function readConfig(given: Record<string, unknown>): BatchConfig {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(SETTINGS, name)) {
      throw invalid(name, given[name], `one of ${settingNames().join(", ")}`);
    }
  }
  const config = Object.fromEntries(
    settingNames().map((name) => [name, readSetting(name, given[name])]),
  ) as BatchConfig;

  if (config.minConcurrency > config.maxConcurrency) {
    throw invalid(
      "minConcurrency",
      config.minConcurrency,
      `at most maxConcurrency (${config.maxConcurrency})`,
    );
  }
  return config;
}

function settingNames(): Array<keyof typeof SETTINGS> {
  return Object.keys(SETTINGS) as Array<keyof typeof SETTINGS>;
}

function readSetting(name: keyof typeof SETTINGS, value: unknown): number {
  const { default: fallback, min, max } = SETTINGS[name];
  if (value === undefined) {
    return fallback;
  }
  if (!Number.isInteger(value) || Number(value) < min || Number(value) > max) {
    throw invalid(name, value, `a whole number from ${min} to ${max}`);
  }
  return Number(value);
}

function invalid(name: string, value: unknown, allowed: string): Error {
  return batchError("batch.config.invalid", {
    name: `plugins.batch.${name}`,
    value: JSON.stringify(value) ?? String(value),
    allowed,
  });
}
