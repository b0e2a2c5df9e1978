"use strict";

const { Backend } = require("kuzzle");
const { BatchPlugin } = require("kuzzle-plugin-batch");

const app = new Backend("bookshop");

// a single node must not wait for other nodes of a cluster
app.config.set("cluster.enabled", false);
app.plugin.use(new BatchPlugin());

app.start().catch((error) => {
  console.error(error);
  process.exit(1);
});
