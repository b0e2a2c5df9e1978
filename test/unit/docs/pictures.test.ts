import should from "should";

import { pictures } from "../../../scripts/pictures/draw";
import { COLUMNS, screen, terminal } from "../../../scripts/pictures/terminal";
import { textOf } from "../../integration/docs/markdown";

describe("the drawn pictures of the documentation", () => {
  for (const [file, draw] of Object.entries(pictures)) {
    it(`${file} is what its source draws`, async () => {
      should(textOf(file)).equal(await draw());
    });
  }
});

describe("the recorded pictures of a terminal", () => {
  it("have the final content of the screen, in lines of its width", () => {
    const long = "x".repeat(COLUMNS);
    const written = `${long}ab\nlonger\r\x1b[2Kbar\r\n\x1b[?25hnext\n\n`;
    should(screen(written)).eql([long, "ab", "bar", "next"]);
  });

  for (const name of ["session", "import", "metrics"]) {
    it(`${name}.svg is no wider than the terminal`, () => {
      const widthOf = (svg: string) => Number(/ width="(\d+)"/.exec(svg)?.[1]);
      const widest = terminal("", ["x".repeat(COLUMNS)]);
      should(widthOf(textOf(`doc/1/pictures/${name}.svg`))).be.belowOrEqual(
        widthOf(widest),
      );
    });
  }
});
