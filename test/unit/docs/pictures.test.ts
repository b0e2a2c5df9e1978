import should from "should";

import { pictures } from "../../../scripts/pictures/draw";
import { textOf } from "../../integration/docs/markdown";

describe("the drawn pictures of the documentation", () => {
  for (const [file, draw] of Object.entries(pictures)) {
    it(`${file} is what its source draws`, async () => {
      should(textOf(file)).equal(await draw());
    });
  }
});
