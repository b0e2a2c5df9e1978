import should from "should";

import { readHttp } from "../../integration/docs/http";
import { readPage } from "../../integration/docs/markdown";

const PAGE = `# A
<!-- test: where a=b -->

Text.

<!-- test: fails -->
<!-- test: of a.b -->
\`\`\`bash
one
two
\`\`\`

### B

- in a list

  \`\`\`js
  { a: 1 }
  \`\`\`
`;

describe("a page as the tests read it", () => {
  it("has blocks with their place, language and section", () => {
    const [first, second] = readPage("a.md", PAGE).blocks;
    should(first).containEql({
      line: 9,
      language: "bash",
      text: "one\ntwo",
      section: 1,
    });
    should(second).containEql({
      line: 18,
      language: "js",
      text: "{ a: 1 }",
      section: 2,
    });
  });

  it("has what it says to the tests: of itself, and of the block below", () => {
    const { directives, blocks } = readPage("a.md", PAGE);
    should(directives).eql([{ name: "where", rest: "a=b" }]);
    should(blocks[0]?.directives).eql([
      { name: "fails", rest: "" },
      { name: "of", rest: "a.b" },
    ]);
    should(blocks[1]?.directives).eql([]);
  });

  it("says nothing to them that they do not know", () => {
    should(() => readPage("a.md", "<!-- test: skip -->")).throw(/test: skip/);
  });

  it("has no block without an end", () => {
    should(() => readPage("a.md", "\n```js\n{}\n")).throw(
      "a.md:2: the block has no end",
    );
  });
});

describe("a request as pages show it", () => {
  it("is sent without what is optional, to each of its URLs", () => {
    const request = readHttp(
      "URL: http://k/a[?b=<c>][&d]\nURL: http://k/e\nMethod: POST\nHeaders: X-A: 1\n         X-B: Bearer 2\nBody:",
    );
    should(request).eql({
      urls: ["http://k/a", "http://k/e"],
      method: "POST",
      headers: { "X-A": "1", "X-B": "Bearer 2" },
      hasBody: true,
    });
    should(readHttp("URL: http://k/a\nMethod: GET").hasBody).be.false();
    should(() => readHttp("URL: http://k/a")).throw(/Method/);
  });
});
