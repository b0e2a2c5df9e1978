import { configError } from "./errors";
import type { BatchPluginConfig, NumberSetting } from "./types";
import {
  readPresign,
  type PresignConfig,
} from "./compat/mixpeek/presignConfig";

interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly description: string;
}

interface Switch {
  readonly default: boolean;
  readonly description: string;
}

/**
 * The settings of `plugins.batch` that are whole numbers. These tables are the only
 * source of the defaults, the validation and the docs page.
 */
export const SETTINGS = {
  readChunkDocuments: {
    default: 500,
    min: 1,
    max: 10_000,
    unit: "documents",
    description:
      "How many documents one call to Elasticsearch may read. Twice as many are allowed when ids are searched in several collections, because most of them are missing there. Larger requests are split into several calls that run in parallel.",
  },
  maxLookups: {
    default: 100_000,
    min: 1,
    max: 10_000_000,
    unit: "documents",
    description:
      "How many documents one batchGet may try to read: an id without a collection counts once for every collection of the index.",
  },
  maxResponseBytes: {
    default: 64 * 1024 * 1024,
    min: 1024,
    max: 1024 * 1024 * 1024,
    unit: "bytes",
    description:
      "How large the response of a batchGet may be; documents that do not fit are `unprocessed`. Streamed responses are not limited.",
  },
  writeChunkDocuments: {
    default: 1_000,
    min: 1,
    max: 10_000,
    unit: "documents",
    description: "How many documents one bulk call to Elasticsearch may write.",
  },
  writeChunkBytes: {
    default: 5 * 1024 * 1024,
    min: 1024,
    max: 100 * 1024 * 1024,
    unit: "bytes",
    description:
      "How large one bulk call to Elasticsearch may be. A larger document is sent in a call of its own.",
  },
  minConcurrency: {
    default: 1,
    min: 1,
    max: 1_000,
    unit: "calls",
    description:
      "How many concurrent calls to Elasticsearch a node may make even if Elasticsearch is slow or rejects load, separately for reads and writes.",
  },
  maxConcurrency: {
    default: 32,
    min: 1,
    max: 1_000,
    unit: "calls",
    description:
      "How many concurrent calls to Elasticsearch a node may make at most, separately for reads and writes. Between `minConcurrency` and `maxConcurrency`, the limit adapts to how long calls take. Writes that wait for a refresh do not count.",
  },
  maxQueueMs: {
    default: 10_000,
    min: 100,
    max: 600_000,
    unit: "milliseconds",
    description:
      "How long a document may wait to be sent while the maximum number of calls is in progress. After that, it is an error (503, `rejected`) and is not sent. If no document of a request can be sent, the whole request fails with `batch.engine.unavailable`.",
  },
  maxRetries: {
    default: 6,
    min: 0,
    max: 20,
    unit: "times",
    description:
      "How often a document that Elasticsearch rejected (429, 503) is sent again before it becomes an error.",
  },
  retryBaseDelayMs: {
    default: 50,
    min: 0,
    max: 60_000,
    unit: "milliseconds",
    description:
      "Upper bound of the first random delay before a retry; it doubles with each retry.",
  },
  retryMaxDelayMs: {
    default: 5_000,
    min: 0,
    max: 300_000,
    unit: "milliseconds",
    description: "Upper bound of any delay before a retry.",
  },
  engineTimeoutMs: {
    default: 30_000,
    min: 100,
    max: 600_000,
    unit: "milliseconds",
    description:
      "How long to wait for a response from Elasticsearch. Documents that a call was writing when it timed out have an unknown outcome.",
  },
  atomicMaxDocuments: {
    default: 1_000,
    min: 1,
    max: 10_000,
    unit: "documents",
    description: "How many documents an atomic batch may have.",
  },
  atomicMaxBytes: {
    default: 10 * 1024 * 1024,
    min: 1024,
    max: 50 * 1024 * 1024,
    unit: "bytes",
    description:
      "How large the documents of an atomic batch may be in total. The documents that they replace, which the journal keeps, may have the same total size.",
  },
  journalLeaseMs: {
    default: 120_000,
    min: 100,
    max: 3_600_000,
    unit: "milliseconds",
    description:
      "After this time, another node considers an atomic batch abandoned and rolls it back. At least `engineTimeoutMs`.",
  },
  journalTombstoneMs: {
    default: 300_000,
    min: 100,
    max: 86_400_000,
    unit: "milliseconds",
    description:
      "How long the journal of a finished atomic batch is kept, so that late writes can still be rolled back. At least `engineTimeoutMs`.",
  },
  journalTaskWaitMs: {
    default: 60_000,
    min: 100,
    max: 3_600_000,
    unit: "milliseconds",
    description:
      "How long an atomic batch waits while Elasticsearch is unavailable or still executes a call whose response was lost.",
  },
  journalSweepMs: {
    default: 10_000,
    min: 50,
    max: 3_600_000,
    unit: "milliseconds",
    description:
      "How often a node tries to recover atomic batches that are due. If none is due, it looks again when the next one becomes due, and four times per `journalLeaseMs`.",
  },
} as const satisfies Record<NumberSetting, Setting>;

/** The settings of `plugins.batch` that are true or false. */
export const SWITCHES = {
  strictByDefault: {
    default: false,
    description:
      "Makes `bulk:mWrite` strict unless the request says otherwise. Needs `native.mWrite`.",
  },
} as const satisfies Record<string, Switch>;

/**
 * What the plugin adds to Kuzzle in addition to its own actions, as groups of switches.
 * A disabled feature adds no route, pipe or hook.
 */
export const SWITCH_GROUPS = {
  compat: {
    kuzzle1: {
      default: true,
      description:
        "Adds the controller `batch/v1`, the API of Kuzzle 1, with its routes.",
    },
    mixpeek: {
      default: true,
      description:
        "Adds the controller `batch/documents`, the API of Mixpeek, with its route.",
    },
  },
  native: {
    mGet: {
      default: true,
      description:
        "Adds `not_found` to the responses of Kuzzle's own `document:mGet`. Costs one more call to Elasticsearch if documents are missing.",
    },
    mWrite: {
      default: true,
      description:
        "Validates Kuzzle's own `bulk:mWrite` with `strict` before anything is written.",
    },
    metrics: {
      default: true,
      description:
        "Counts Kuzzle's own `document:mGet`, `bulk:mWrite` and `document:mUpdate` in the metrics, as `native:mGet` and so on.",
    },
  },
} as const satisfies {
  [Group in "compat" | "native"]: Record<
    keyof NonNullable<BatchPluginConfig[Group]>,
    Switch
  >;
};

type SwitchGroup = keyof typeof SWITCH_GROUPS;

/** The user's configuration, completed with the defaults. */
export type BatchConfig = {
  readonly [Name in keyof typeof SETTINGS]: number;
} & {
  readonly [Name in keyof typeof SWITCHES]: boolean;
} & {
  readonly [Group in SwitchGroup]: {
    readonly [Name in keyof (typeof SWITCH_GROUPS)[Group]]: boolean;
  };
} & {
  /** undefined: no URL is ever signed */
  readonly presign: PresignConfig | undefined;
};

/**
 * Completes the user's configuration with the defaults.
 *
 * @throws {BatchError} `batch.config.invalid` with the value and what is allowed, so
 * that Kuzzle does not start with an invalid configuration
 */
export function readConfig(given: Record<string, unknown>): BatchConfig {
  assertKnown("plugins.batch", given, KNOWN);
  const config = {
    ...readAll(SETTINGS, (name) => readNumber(name, given[name])),
    ...readAll(SWITCHES, (name) =>
      readSwitch(name, given[name], SWITCHES[name]),
    ),
    compat: readGroup("compat", given.compat),
    native: readGroup("native", given.native),
    presign: readPresign(given.presign),
  };

  for (const name of ["journalLeaseMs", "journalTombstoneMs"] as const) {
    if (config[name] < config.engineTimeoutMs) {
      throw invalid(
        name,
        config[name],
        `at least engineTimeoutMs (${config.engineTimeoutMs})`,
      );
    }
  }
  if (config.minConcurrency > config.maxConcurrency) {
    throw invalid(
      "minConcurrency",
      config.minConcurrency,
      `at most maxConcurrency (${config.maxConcurrency})`,
    );
  }
  if (config.strictByDefault && !config.native.mWrite) {
    throw invalid("strictByDefault", true, "false without native.mWrite");
  }
  if (config.presign !== undefined && !config.compat.mixpeek) {
    throw invalid("presign", given.presign, "nothing without compat.mixpeek");
  }
  return config;
}

const KNOWN = [
  ...Object.keys(SETTINGS),
  ...Object.keys(SWITCHES),
  ...Object.keys(SWITCH_GROUPS),
  "presign",
];

function assertKnown(
  place: string,
  given: unknown,
  known: readonly string[],
): asserts given is Record<string, unknown> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw configError(place, given, "an object");
  }
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) {
      throw configError(
        `${place}.${name}`,
        value,
        `one of ${known.join(", ")}`,
      );
    }
  }
}

function readAll<Name extends string, Value>(
  table: Record<Name, unknown>,
  read: (name: Name) => Value,
): Record<Name, Value> {
  const names = Object.keys(table) as Name[];
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<
    Name,
    Value
  >;
}

function readNumber(name: keyof typeof SETTINGS, value: unknown): number {
  const { default: fallback, min, max } = SETTINGS[name];
  if (value === undefined) {
    return fallback;
  }
  if (!Number.isInteger(value) || Number(value) < min || Number(value) > max) {
    throw invalid(name, value, `a whole number from ${min} to ${max}`);
  }
  return Number(value);
}

function readGroup<Group extends SwitchGroup>(
  group: Group,
  given: unknown = {},
): BatchConfig[Group] {
  const switches: Readonly<Record<string, Switch>> = SWITCH_GROUPS[group];
  assertKnown(`plugins.batch.${group}`, given, Object.keys(switches));
  return readAll(switches, (name) =>
    readSwitch(`${group}.${name}`, given[name], switches[name]!),
  ) as BatchConfig[Group];
}

function readSwitch(
  name: string,
  value: unknown,
  { default: fallback }: Switch,
): boolean {
  if (value === undefined) {
    return fallback;
  }
  if (typeof value !== "boolean") {
    throw invalid(name, value, "true or false");
  }
  return value;
}

function invalid(name: string, value: unknown, allowed: string): Error {
  return configError(`plugins.batch.${name}`, value, allowed);
}
