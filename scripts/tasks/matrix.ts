import { mapValues, omit, pick } from "lodash";

import { pack } from "../checks/pack/pack";
import {
  type Combination,
  type MatrixOptions,
  readOptions,
  USUAL,
} from "../matrix/combinations";
import { nodeEnvironment } from "../matrix/node";
import { prepareWorkspace, type Workspace } from "../matrix/workspace";
import { type Engines, redisUrl } from "../stack/engines/index";
import { embeddedEngines } from "../stack/engines/embedded";
import { wipeElasticsearch, wipeRedis } from "../stack/engines/probes";
import { runAndRead } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { failureLines } from "./failures";
import { add, type Counts, countPart, exitCode, NOTHING } from "./counts";

/** What to run for each combination: the arguments of each task. */
type Parts = Readonly<Record<string, readonly string[]>>;

const PARTS: Parts = {
  HTTP: ["features", "--protocol", "http"],
  WebSocket: ["features", "--protocol", "websocket"],
  engine: ["engine", "--ignore", "test/integration/docs.test.ts"],
};

/** These tests depend on the internals of the usual Kuzzle version. */
const PARTS_OF_THE_USUAL_KUZZLE = ["engine"];

/** Native actions behaved differently before; tagged `@since-kuzzle-…`. */
const SINCE = "2.49";

/** Half a minute of features that cover every action, reads and writes. */
const SHORT_PARTS: Parts = {
  HTTP: [
    ...["features", "--protocol", "http"],
    ...["features/batchGet/reading.feature", "features/mWrite/writing.feature"],
    ...["features/mUpdate/updating.feature", "features/limits.feature"],
    "features/start.feature",
  ],
};

interface Row {
  readonly combination: Combination;
  readonly counts: Readonly<Record<string, Counts>>;
}

/** Tests the packed plugin with other versions of its environment, and prints a table. */
export async function testMatrix(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const parts = partsOf(options);
  const packed = pack();
  try {
    const rows = await runAll(options.combinations, parts, packed.tarball);
    log(`\n${table(rows, Object.keys(parts))}`);
    const all = rows.flatMap(({ counts }) => Object.values(counts));
    const sum = all.reduce(add, NOTHING);
    log(`\n${failureLines("matrix", sum.failures)}`);
    log(`${sum.passed} passed, ${sum.failed} failed`);
    return Math.max(...all.map(exitCode));
  } finally {
    packed.remove();
  }
}

function partsOf({ isShort, only }: MatrixOptions): Parts {
  const parts = isShort ? SHORT_PARTS : PARTS;
  const unknown = only.find((name) => !(name in parts));
  if (unknown !== undefined) {
    throw new Error(
      `--only must be one of ${Object.keys(parts).join(", ")}, not ${unknown}.`,
    );
  }
  return only.length === 0 ? parts : pick(parts, only);
}

/** One engine after the other, with everything that needs it. */
async function runAll(
  combinations: readonly Combination[],
  parts: Parts,
  tarball: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const engine of new Set(combinations.map(({ engine }) => engine))) {
    const engines = await embeddedEngines({ fresh: true, log }, engine);
    for (const combination of combinations) {
      if (combination.engine !== engine) continue;
      const workspace = await prepareWorkspace(combination, tarball);
      rows.push({
        combination,
        counts: await runParts(
          partsFor(combination, parts),
          workspace,
          engines,
        ),
      });
    }
    await engines.stop();
  }
  return rows;
}

function partsFor({ kuzzle }: Combination, parts: Parts): Parts {
  if (kuzzle === USUAL.kuzzle) return parts;
  const isOld = Number(kuzzle.split(".")[1]) < Number(SINCE.split(".")[1]);
  const tags = isOld ? ["--tags", `not @since-kuzzle-${SINCE}`] : [];
  return mapValues(omit(parts, PARTS_OF_THE_USUAL_KUZZLE), (args) => [
    ...args,
    ...tags,
  ]);
}

async function runParts(
  parts: Parts,
  { folder, node }: Workspace,
  engines: Engines,
): Promise<Record<string, Counts>> {
  const counts: Record<string, Counts> = {};
  for (const [part, args] of Object.entries(parts)) {
    await wipeElasticsearch(engines.elasticsearch.url);
    await wipeRedis(engines.redis);
    const { output, code } = await runAndRead(
      node,
      ["scripts/bootstrap.js", ...args],
      {
        cwd: folder,
        env: {
          ...nodeEnvironment(node),
          ELASTICSEARCH_URL: engines.elasticsearch.url,
          REDIS_URL: redisUrl(engines.redis),
        },
      },
    );
    counts[part] = countPart(output, code);
  }
  return counts;
}

function table(rows: readonly Row[], parts: readonly string[]): string {
  const header = ["Node", "Kuzzle", "Elasticsearch", "kuzzle-sdk", ...parts];
  const lines = rows.map(({ combination, counts }) => [
    combination.node,
    combination.kuzzle,
    combination.engine,
    combination.sdk,
    ...parts.map((part) => {
      const { passed, failed } = counts[part] ?? NOTHING;
      if (passed + failed === 0) return "–";
      return failed === 0 ? String(passed) : `${passed} of ${passed + failed}`;
    }),
  ]);
  return [header, header.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
