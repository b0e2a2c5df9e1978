"use strict";

const { Http, Kuzzle } = require("kuzzle-sdk");
const { useBatch } = require("kuzzle-plugin-batch/client");

const BOOKS = [
  { _id: "dune", body: { title: "Dune", copies: 3 } },
  { _id: "emma", body: { title: "Emma", copies: 1 } },
];

async function main() {
  const { KUZZLE_HOST, KUZZLE_PORT, KUZZLE_USERNAME, KUZZLE_PASSWORD } =
    process.env;
  const kuzzle = new Kuzzle(
    new Http(KUZZLE_HOST ?? "localhost", { port: Number(KUZZLE_PORT ?? 7512) }),
  );
  await kuzzle.connect();
  if (KUZZLE_USERNAME !== undefined) {
    await kuzzle.auth.login("local", {
      username: KUZZLE_USERNAME,
      password: KUZZLE_PASSWORD,
    });
  }
  await prepare(kuzzle);
  const batch = useBatch(kuzzle);

  // nothing is written if one of the books does not fit the mapping
  const { successes } = await batch.mWrite("bookshop", "books", BOOKS, {
    strict: true,
  });
  console.log(`${successes.length} books in the shop`);

  const sold = ["dune", "moby-dick"];
  const { documents, not_found } = await batch.batchGet("bookshop", sold, {
    collection: "books",
  });
  await batch.mUpdate(
    "bookshop",
    "books",
    documents.map(({ _id, _source }) => ({
      _id,
      body: { copies: _source.copies - 1 },
    })),
    { strict: true },
  );
  console.log(`sold: ${documents.map(({ _source }) => _source.title)}`);
  console.log(`not in the shop: ${not_found}`);
}

async function prepare(kuzzle) {
  if (!(await kuzzle.index.exists("bookshop"))) {
    await kuzzle.index.create("bookshop");
  }
  await kuzzle.collection.create("bookshop", "books", {
    mappings: {
      dynamic: "strict",
      properties: { title: { type: "text" }, copies: { type: "integer" } },
    },
  });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
