/** Everything that README.md and doc/ show is executed on a real Kuzzle. */
import should from "should";

import { pageFiles, readPage } from "./docs/markdown";
import { closeWorld, openWorld } from "./docs/fixture";
import { PageRun } from "./docs/PageRun";
import { typeProblems } from "./docs/types";

const pages = pageFiles().map((file) => readPage(file));

describe("what the documentation shows", function () {
  this.timeout(60_000);

  it("compiles, where it is TypeScript", () => {
    should(typeProblems(pages)).eql([]);
  });

  let jwt: string;
  before(async () => {
    jwt = await openWorld();
  });
  after(closeWorld);

  for (const page of pages.filter(({ blocks }) => blocks.length > 0)) {
    describe(page.file, () => {
      const run = new PageRun(page);

      before(() => run.open(jwt));
      after(() => run.close());

      for (const block of page.blocks) {
        it(`${page.file}:${block.line} ${block.language}`, () =>
          run.run(block));
      }
    });
  }
});
