import assert from "node:assert/strict";

import { type DataTable, Given, Then } from "@cucumber/cucumber";

import {
  alias,
  countStored,
  splitAddress,
  storedSource,
  tellEngine,
} from "../support/engine";
import {
  asAdmin,
  closeInEngine,
  loseShardInEngine,
  writeDocuments,
} from "../support/kuzzle";
import { assertMatches } from "../support/notation";
import type { BatchWorld } from "../support/world";

Given(
  "an empty collection {string}",
  function (this: BatchWorld, address: string) {
    return this.needCollection(address);
  },
);

Given(
  "a collection {string} with the mapping:",
  function (this: BatchWorld, address: string, mapping: string) {
    return this.needCollection(address, this.read(mapping));
  },
);

Given(
  "the mapping of {string} gains:",
  async function (this: BatchWorld, address: string, mapping: string) {
    const [index, collection] = splitAddress(address);

    await asAdmin({
      controller: "collection",
      action: "update",
      index,
      collection,
      body: { mappings: this.read(mapping) },
    });
  },
);

Given(
  "{int} empty collections in {string}",
  async function (this: BatchWorld, count: number, index: string) {
    for (let number = 1; number <= count; number++) {
      await this.needCollection(`${index}:shelf-${number}`);
    }
  },
);

Given(
  "documents in {string}:",
  async function (this: BatchWorld, address: string, documents: string) {
    await this.needCollection(address);
    await writeDocuments(
      address,
      this.read(documents) as Record<string, unknown>,
    );
  },
);

Given(
  "{int} numbered documents in {string}",
  async function (this: BatchWorld, count: number, address: string) {
    await this.needCollection(address);
    const documents = Array.from({ length: count }, (_, position) => [
      String(position + 1),
      { n: position + 1 },
    ]);

    await writeDocuments(
      address,
      Object.fromEntries(documents) as Record<string, unknown>,
    );
  },
);

Given(
  "the engine never refreshes {string} by itself",
  async function (this: BatchWorld, address: string) {
    await this.needCollection(address);
    await tellEngine("PUT", `/${alias(address)}/_settings`, {
      index: { refresh_interval: "-1" },
    });
  },
);

Given(
  "{string} is refreshed",
  async function (this: BatchWorld, address: string) {
    await tellEngine("POST", `/${alias(address)}/_refresh`);
  },
);

Given(
  "{string} is then overwritten with:",
  function (this: BatchWorld, address: string, documents: string) {
    return writeDocuments(
      address,
      this.read(documents) as Record<string, unknown>,
    );
  },
);

Given(
  "the engine's index behind {string} is closed",
  async function (this: BatchWorld, address: string) {
    await this.needCollection(address);
    await closeInEngine(address);
  },
);

Given(
  "no node of the engine has the shard of {string}",
  async function (this: BatchWorld, address: string) {
    await this.needCollection(address);
    await loseShardInEngine(address);
  },
);

/** Rows of an id and a size; together larger than one request of Kuzzle may be. */
Given(
  "large documents in {string}:",
  async function (this: BatchWorld, address: string, sizes: DataTable) {
    await this.needCollection(address);
    for (const [id = "", kilobytes] of sizes.raw()) {
      await tellEngine(
        "PUT",
        `/${alias(address)}/_doc/${encodeURIComponent(id)}`,
        { text: Array(Number(kilobytes)).fill("x".repeat(999)) },
      );
    }
  },
);

/** The engine's metadata of a stored document, for conditional requests. */
Given(
  "I remember the sequence of document {string} in {string}",
  async function (this: BatchWorld, id: string, address: string) {
    const stored = await tellEngine(
      "GET",
      `/${alias(address)}/_doc/${encodeURIComponent(id)}`,
    );

    this.remembered.set("seqNo", stored["_seq_no"]);
    this.remembered.set("primaryTerm", stored["_primary_term"]);
    this.remembered.set("version", stored["_version"]);
  },
);

Then(
  "{string} stores:",
  async function (this: BatchWorld, address: string, expected: string) {
    for (const [id, source] of Object.entries(
      this.read(expected) as Record<string, unknown>,
    )) {
      assertMatches(await storedSource(address, id), source, id);
    }
  },
);

Then(
  "{string} stores exactly:",
  async function (this: BatchWorld, address: string, expected: string) {
    const sources = this.read(expected) as Record<string, unknown>;

    for (const [id, source] of Object.entries(sources)) {
      assert.deepEqual(await storedSource(address, id), source);
    }
    assert.equal(await countStored(address), Object.keys(sources).length);
  },
);

Then(
  "{string} stores nothing",
  async function (this: BatchWorld, address: string) {
    assert.equal(await countStored(address), 0);
  },
);

Then(
  "{string} stores {int} documents",
  async function (this: BatchWorld, address: string, count: number) {
    assert.equal(await countStored(address), count);
  },
);

Then(
  "a search in {string} finds:",
  async function (this: BatchWorld, address: string, ids: DataTable) {
    const [index, collection] = splitAddress(address);
    const { result } = await asAdmin({
      controller: "document",
      action: "search",
      index,
      collection,
      body: {},
      size: 100,
    });
    const found = (result as { hits: { _id: string }[] }).hits.map(
      ({ _id }) => _id,
    );

    assert.deepEqual(found.sort(), ids.raw().flat().sort());
  },
);
