import should from "should";

import { joinTexts } from "../../../../lib/core/joinTexts";
import { RawSource } from "../../../../lib/core/RawSource";

const SCRIPTS = 'naïve 🙂 東京 "\ud800';

function partsOf(count: number): (string | RawSource)[] {
  const answer = Buffer.from(`[{"text":"${SCRIPTS}"},7]`);
  const end = answer.length - ",7]".length;
  return Array.from({ length: count }, (_, i) => [
    `${SCRIPTS}${i}`,
    new RawSource(answer, 1, end),
    RawSource.ofText(`{"text":"${SCRIPTS}"}`),
  ]).flat();
}

describe("joinTexts", () => {
  it("keeps short texts a string", () => {
    const parts = partsOf(3);
    should(joinTexts(parts)).equal(parts.map(String).join(""));
  });

  it("[R13] makes the same bytes of long ones, in any script", () => {
    const parts = partsOf(3_000);
    const bytes = joinTexts(parts);
    should(bytes).be.instanceof(Buffer);
    const expected = Buffer.from(parts.map(String).join(""));
    should(Buffer.compare(bytes as Buffer, expected)).equal(0);
  });

  it("joins nothing to nothing", () => {
    should(joinTexts([])).equal("");
  });
});
