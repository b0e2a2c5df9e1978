import fc from "fast-check";
import should from "should";

import { Fingerprint } from "../../../../bin/input/Fingerprint";
import { IdSet } from "../../../../bin/input/IdSet";

describe("IdSet", () => {
  it("recognizes each earlier id, and no other", () => {
    const ids = new IdSet(1_000_000);
    for (let i = 1; i <= 200_000; i++) {
      if (ids.firstLine(`place-${i}`, i) !== undefined) {
        throw new Error(`place-${i} has not come before`);
      }
    }
    for (let i = 1; i <= 200_000; i += 7) {
      should(ids.firstLine(`place-${i}`, 1_000_000 + i)).equal(i);
    }
  }).timeout(10_000);

  it("remembers a limited number, and reports when it is full", () => {
    const ids = new IdSet(2);
    should(
      ["a", "b", "c", "c", "a"].map((id, i) => ids.firstLine(id, i + 1)),
    ).eql([undefined, undefined, undefined, undefined, 1]);
    should(ids.isFull).be.true();
  });

  it("distinguishes ids that differ slightly", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ maxLength: 4, unit: "binary" })),
        (texts) => {
          const ids = new IdSet(1_000);
          texts.forEach((text, i) =>
            should(ids.firstLine(text, i + 1)).be.undefined(),
          );
          texts.forEach((text, i) =>
            should(ids.firstLine(text, 0)).equal(i + 1),
          );
        },
      ),
      { numRuns: 10 },
    );
  }).timeout(10_000);
});

describe("Fingerprint", () => {
  const KEPT = 8;

  /** Rows end where the list says; digests are taken at some of the ends. */
  function digests(bytes: Buffer, ends: readonly number[], pieces: number[]) {
    const fingerprint = new Fingerprint(KEPT);
    const found: string[] = [];
    for (let from = 0, i = 0; from < bytes.length; i++) {
      const to = from + (pieces[i % pieces.length] as number);
      const rows = ends.filter((end) => from < end && end <= to);
      fingerprint.push(
        bytes.subarray(from, to),
        rows.map((end) => ({ end })),
      );
      for (const end of rows) found.push(fingerprint.digestUpTo(end));
      from = to;
    }
    return found;
  }

  it("is the same however the input came, and another for another input", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.nat({ max: 79 }),
        (array, some, pieces, at) => {
          const bytes = Buffer.from(array);
          const ends = some
            .filter((end) => end <= bytes.length)
            .sort((one, other) => one - other);
          const whole = digests(bytes, ends, [1_000]);
          should(digests(bytes, ends, pieces)).eql(whole);

          const other = Buffer.from(bytes);
          const place = at % bytes.length;
          other[place] = (other[place] as number) ^ 1;
          digests(other, ends, pieces).forEach((digest, i) =>
            should(digest === whole[i]).equal((ends[i] as number) <= place),
          );
        },
      ),
    );
  });

  it("knows the last row's end also when much came after it", () => {
    const bytes = Buffer.alloc(100, "x");
    const late = new Fingerprint(KEPT);
    late.push(bytes.subarray(0, 20), [{ end: 10 }]);
    for (let at = 20; at < 100; at += 10)
      late.push(bytes.subarray(at, at + 10), []);
    const soon = new Fingerprint(KEPT);
    soon.push(bytes.subarray(0, 20), [{ end: 10 }]);
    should(late.digestUpTo(10)).equal(soon.digestUpTo(10));
    should(late.digestUpTo(100)).not.equal(late.digestUpTo(10));
  });
});
