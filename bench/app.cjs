/**
 * The application that is measured: as in production, with the plugin as it is
 * published, compiled.
 */
const { Backend } = require("kuzzle");
const { merge } = require("lodash");

const BatchPlugin = require("../dist");

const app = new Backend("batch-bench");
merge(
  app.config.content,
  { cluster: { enabled: false } },
  JSON.parse(process.env.KUZZLE_CONFIG),
);
app.plugin.use(new BatchPlugin());
app.start().catch((error) => {
  console.error(error);
  process.exit(1);
});
