import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

import { readQuery, sortOrder } from "../../../../bin/search/query";
import { UsageError } from "../../../../bin/usage";

describe("the query of a command", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "query-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("comes from the command line or a file, and is an object", () => {
    const file = path.join(folder, "query.json");
    writeFileSync(file, ' {"term":{"country":"AT"}}\n');
    const query = { term: { country: "AT" } };
    should(readQuery(file)).eql(query);
    should(readQuery(JSON.stringify(query))).eql(query);
    should(readQuery(undefined)).eql({});

    writeFileSync(file, "[]");
    should(() => readQuery(file)).throw(UsageError, { message: /object/ });
    should(() => readQuery("{")).throw(UsageError);
    const body = '{"query":{"match_all":{}},"size":1}';
    should(() => readQuery(body)).throw(/only what is in its member `query`/);
    should(() => readQuery("no-such.json")).throw(/no-such\.json/);
  });

  it("has an order of fields", () => {
    should(sortOrder("population:desc,name")).eql([
      { population: "desc" },
      { name: "asc" },
    ]);
    should(() => sortOrder("a,,b")).throw(/field,…/);
  });
});
