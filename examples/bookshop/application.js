"use strict";

const { Backend } = require("kuzzle");
const { BatchPlugin } = require("kuzzle-plugin-batch");

const app = new Backend("bookshop");

// alone on its machine, a node would wait for others in vain
app.config.set("cluster.enabled", false);
app.plugin.use(new BatchPlugin());

app.start().catch((error) => {
  console.error(error);
  process.exit(1);
});
