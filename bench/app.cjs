/**
 * The measured application: as in production, with the published, compiled plugin. For
 * `--ablation`, one fast path is disabled.
 */
const { Backend } = require("kuzzle");
const { merge } = require("lodash");

const { PATHS } = require("./ablation/paths.cjs");
const {
  BENCH_PLUGIN = "../dist",
  BENCH_PROMETHEUS,
  BENCH_WITHOUT,
  KUZZLE_CONFIG,
} = process.env;

PATHS[BENCH_WITHOUT]?.withoutIt();

const BatchPlugin = require(BENCH_PLUGIN);

const app = new Backend("batch-bench");
merge(
  app.config.content,
  { cluster: { enabled: false } },
  JSON.parse(KUZZLE_CONFIG),
);
app.plugin.use(new BatchPlugin());
if (BENCH_PROMETHEUS !== undefined) {
  const { PrometheusPlugin } = require("kuzzle-plugin-prometheus");
  app.plugin.use(new PrometheusPlugin());
}
app.start().catch((error) => {
  console.error(error);
  process.exit(1);
});
