import { pack } from "../checks/pack/pack";
import {
  type Combination,
  type MatrixOptions,
  readOptions,
} from "../matrix/combinations";
import { nodeEnvironment } from "../matrix/node";
import { prepareWorkspace, type Workspace } from "../matrix/workspace";
import { type Engines, redisUrl } from "../stack/engines/index";
import { embeddedEngines } from "../stack/engines/embedded";
import { wipeElasticsearch, wipeRedis } from "../stack/engines/probes";
import { runToEnd } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { add, type Counts, countPart, exitCode, NOTHING } from "./counts";

/** What is run of each combination: the arguments of a task. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HTTP: ["features", "--protocol", "http"],
  WebSocket: ["features", "--protocol", "websocket"],
  engine: ["engine"],
};

/** Half a minute of the features: every action, read and written. */
const SHORT_PARTS: typeof PARTS = {
  HTTP: [
    ...["features", "--protocol", "http"],
    ...["features/batchGet/reading.feature", "features/mWrite/writing.feature"],
    ...["features/mUpdate/updating.feature", "features/limits.feature"],
  ],
};

interface Row {
  readonly combination: Combination;
  readonly counts: Readonly<Record<string, Counts>>;
}

/** Tests the packed plugin with other versions of what it runs on, and prints a table. */
export async function testMatrix(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const packed = pack();
  try {
    const rows = await runAll(options, packed.tarball);
    const parts = options.isShort ? SHORT_PARTS : PARTS;
    log(`\n${table(rows, Object.keys(parts))}`);
    const all = rows.flatMap(({ counts }) => Object.values(counts));
    const sum = all.reduce(add, NOTHING);
    log(`\nmatrix: ${sum.passed} passed, ${sum.failed} failed`);
    return Math.max(...all.map(exitCode));
  } finally {
    packed.remove();
  }
}

/** One engine after the other; all that has to be done on it at once. */
async function runAll(
  { combinations, isShort }: MatrixOptions,
  tarball: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const engine of new Set(combinations.map(({ engine }) => engine))) {
    const engines = await embeddedEngines({ fresh: true, log }, engine);
    for (const combination of combinations) {
      if (combination.engine !== engine) continue;
      const workspace = await prepareWorkspace(combination, tarball);
      const parts = isShort ? SHORT_PARTS : PARTS;
      rows.push({
        combination,
        counts: await runParts(parts, workspace, engines),
      });
    }
    await engines.stop();
  }
  return rows;
}

async function runParts(
  parts: typeof PARTS,
  { folder, node }: Workspace,
  engines: Engines,
): Promise<Record<string, Counts>> {
  const counts: Record<string, Counts> = {};
  for (const [part, args] of Object.entries(parts)) {
    await wipeElasticsearch(engines.elasticsearch.url);
    await wipeRedis(engines.redis);
    let output = "";
    const code = await runToEnd(node, ["scripts/bootstrap.js", ...args], {
      cwd: folder,
      env: {
        ...nodeEnvironment(node),
        ELASTICSEARCH_URL: engines.elasticsearch.url,
        REDIS_URL: redisUrl(engines.redis),
      },
      onOutput: (text) => {
        output += text;
        process.stdout.write(text);
      },
    });
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
      const { passed, failed } = counts[part]!;
      return failed === 0 ? String(passed) : `${passed} of ${passed + failed}`;
    }),
  ]);
  return [header, header.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
