import fc from "fast-check";
import should from "should";

import { planChunks, planWaves } from "../../../../../lib/core/planning/chunks";

const sizesAndLimits = fc.record({
  sizes: fc.array(fc.nat(100), { maxLength: 50 }),
  maxCount: fc.integer({ min: 1, max: 10 }),
  maxSize: fc.integer({ min: 1, max: 150 }),
});

function chunksOf({
  sizes,
  ...limits
}: {
  sizes: number[];
  maxCount: number;
  maxSize: number;
}): (readonly number[])[] {
  return planChunks([...sizes.keys()], (i) => sizes[i] as number, limits);
}

function bytesOf(chunk: readonly number[], sizes: readonly number[]): number {
  return chunk.reduce((sum, position) => sum + (sizes[position] as number), 0);
}

describe("planChunks", () => {
  it("[W4] loses no position and keeps their order, for any sizes", () => {
    fc.assert(
      fc.property(sizesAndLimits, (given) => {
        should(chunksOf(given).flat()).eql([...given.sizes.keys()]);
      }),
    );
  });

  it("[W4] respects both limits, except for a single item that is too large", () => {
    fc.assert(
      fc.property(sizesAndLimits, (given) => {
        for (const chunk of chunksOf(given)) {
          should(chunk.length).be.within(1, given.maxCount);
          if (chunk.length > 1) {
            should(bytesOf(chunk, given.sizes)).be.belowOrEqual(given.maxSize);
          }
        }
      }),
    );
  });

  it("[W4] fills each chunk as far as the limits let it", () => {
    fc.assert(
      fc.property(sizesAndLimits, (given) => {
        const chunks = chunksOf(given);
        chunks.slice(1).forEach((next, i) => {
          const chunk = chunks[i] as number[];
          const withNext = [...chunk, next[0] as number];
          const hasRoom =
            withNext.length <= given.maxCount &&
            bytesOf(withNext, given.sizes) <= given.maxSize;
          should(hasRoom).be.false();
        });
      }),
    );
  });

  it("makes no chunk of nothing", () => {
    should(planChunks([], () => 1, { maxCount: 1, maxSize: 1 })).eql([]);
  });

  it("only plans the given positions", () => {
    const sizeOf = (position: number) => (position === 7 ? 100 : 1);

    should(planChunks([2, 5, 7, 9], sizeOf, { maxCount: 9, maxSize: 10 })).eql([
      [2, 5],
      [7],
      [9],
    ]);
  });
});

describe("planWaves", () => {
  const ids = fc.array(fc.constantFrom("a", "b", "c", "__proto__", ""), {
    maxLength: 40,
  });

  it("[W4] repeats of an id go in successive waves, in the request's order", () => {
    fc.assert(
      fc.property(ids, (given) => {
        const waves = planWaves(given);
        for (const id of new Set(given)) {
          const places = [...given.keys()].filter((i) => given[i] === id);
          should(
            waves.flatMap((wave) => wave.filter((i) => given[i] === id)),
          ).eql(places);
        }
      }),
    );
  });

  it("[W4] each id is at most once in a wave, and each position in one wave", () => {
    fc.assert(
      fc.property(ids, (given) => {
        const waves = planWaves(given);
        for (const wave of waves) {
          const inWave = wave.map((position) => given[position]);
          should(new Set(inWave).size).equal(wave.length);
          should(wave).eql([...wave].sort((a, b) => a - b));
        }
        should(waves.flat().sort((a, b) => a - b)).eql([...given.keys()]);
      }),
    );
  });

  it("makes no more waves than the most repeated id needs", () => {
    should(planWaves(["a", "b", "a", "c", "a", "b"])).eql([
      [0, 1, 3],
      [2, 5],
      [4],
    ]);
    should(planWaves([])).eql([]);
  });
});
