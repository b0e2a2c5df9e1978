import fc from "fast-check";
import should from "should";

import {
  type Chunk,
  KUZZLE_MAX_REQUEST_BYTES,
  split,
  type SplitLimits,
  utf8Bytes,
} from "../../../client/index";

const ENVELOPE = '{"documents":[]}';
const envelopeBytes = ENVELOPE.length;

/** What is really sent, measured by Node. */
function sentBytes(items: readonly unknown[]): number {
  return Buffer.byteLength(JSON.stringify({ documents: items }));
}

function splitAll<T>(items: Iterable<T>, limits: SplitLimits) {
  return [...split(items, { envelopeBytes, ...limits })];
}

describe("split", () => {
  it("yields nothing for an empty input", () => {
    should(splitAll([], { maxBytes: 100 })).eql([]);
  });

  it("keeps in one request what fits in one", () => {
    const items = [{ a: 1 }, { b: 2 }];

    should(splitAll(items, { maxBytes: 100 })).eql([
      { kind: "chunk", position: 0, items, bytes: sentBytes(items) },
    ]);
  });

  it("fills a request to the last byte, and not one further", () => {
    const items = ["ab", "cd", "ef"];
    const maxBytes = sentBytes(items);

    should(splitAll(items, { maxBytes })).have.length(1);
    should(splitAll(items, { maxBytes: maxBytes - 1 })).containDeep([
      { position: 0, items: ["ab", "cd"] },
      { position: 2, items: ["ef"] },
    ]);
  });

  it("counts bytes, not characters", () => {
    // 2 characters and 2 quotes each; 2, 6 and 4 bytes and 2 quotes
    const items = ["ab", "日本", "😀"];

    const sizes = splitAll(items, { maxBytes: 1000, maxCount: 1 }).map(
      ({ bytes }) => bytes - envelopeBytes,
    );

    should(sizes).eql([4, 8, 6]);
  });

  it("ends a request by its number of items, too", () => {
    const counts = splitAll([1, 2, 3, 4, 5], { maxCount: 2 }).map(
      (part) => (part as Chunk<number>).items,
    );

    should(counts).eql([[1, 2], [3, 4], [5]]);
  });

  it("reports an item that is too large by itself, at its position", () => {
    const large = "x".repeat(100);

    should(splitAll(["a", large, "b"], { maxBytes: 50 })).eql([
      { kind: "chunk", position: 0, items: ["a"], bytes: envelopeBytes + 3 },
      {
        kind: "too_large",
        position: 1,
        item: large,
        bytes: envelopeBytes + 102,
      },
      { kind: "chunk", position: 2, items: ["b"], bytes: envelopeBytes + 3 },
    ]);
  });

  it("counts values without JSON as the null that they become in a list", () => {
    const [part] = splitAll([undefined], { maxBytes: 100 });

    should(part?.bytes).equal(sentBytes([undefined]));
  });

  it("throws JSON's error for what JSON cannot express, after what came before", () => {
    const parts = split([1, 2n, 3], { maxCount: 1 });

    should(parts.next().value).containDeep({ items: [1] });
    should(() => parts.next()).throw(TypeError);
  });

  it("stays below Kuzzle's own limit by default", () => {
    const items = Array.from({ length: 30 }, () => "x".repeat(100_000));

    const parts = [...split(items)];

    should(parts.length).be.above(2);
    for (const part of parts) {
      should(part.bytes).not.be.above(KUZZLE_MAX_REQUEST_BYTES);
    }
  });

  it("reads no further than the requested part", () => {
    let read = 0;
    function* endless() {
      for (;;) yield ++read;
    }

    const parts = split(endless(), { maxCount: 10 });
    parts.next();

    should(read).equal(10);
  });

  for (const [name, limits] of Object.entries<SplitLimits>({
    "no bytes": { maxBytes: 0 },
    "half a byte": { maxBytes: 1.5 },
    "a negative count": { maxCount: -1 },
    "not a number": { maxCount: NaN },
    "no room beside the envelope": { maxBytes: 10, envelopeBytes: 10 },
  })) {
    it(`rejects ${name} at once`, () => {
      should(() => split([], limits)).throw(RangeError);
    });
  }

  describe("for any items and limits", () => {
    const items = fc.array(
      fc.oneof(
        fc.jsonValue(),
        fc.string({ unit: "binary", maxLength: 200 }), // all of Unicode
      ),
      { maxLength: 60 },
    );
    const limits = fc.record({
      maxBytes: fc.integer({ min: envelopeBytes + 1, max: 600 }),
      maxCount: fc.integer({ min: 1, max: 20 }),
    });
    const holds = (
      check: (
        items: readonly unknown[],
        limits: Required<Omit<SplitLimits, "envelopeBytes">>,
      ) => void,
    ) => fc.assert(fc.property(items, limits, check));

    it("puts every item in exactly one part, in order", () => {
      holds((items, limits) => {
        const parts = splitAll(items, limits);

        should(
          parts.flatMap((part) =>
            part.kind === "chunk" ? part.items : [part.item],
          ),
        ).eql(items);
        let next = 0;
        for (const part of parts) {
          should(part.position).equal(next);
          next += part.kind === "chunk" ? part.items.length : 1;
        }
      });
    });

    it("reports the size that is really sent, and respects both limits", () => {
      holds((items, limits) => {
        for (const part of splitAll(items, limits)) {
          const sent = part.kind === "chunk" ? part.items : [part.item];
          should(part.bytes).equal(sentBytes(sent));
          should(part.bytes > limits.maxBytes).equal(part.kind === "too_large");
          should(sent.length).be.within(1, limits.maxCount);
        }
      });
    });

    it("sends no request that could have held the next item", () => {
      holds((items, limits) => {
        const parts = splitAll(items, limits);
        parts.forEach((part, i) => {
          const next = parts[i + 1];
          if (part.kind !== "chunk" || next?.kind !== "chunk") return;
          const more = [...part.items, next.items[0]];
          const fits =
            more.length <= limits.maxCount &&
            sentBytes(more) <= limits.maxBytes;
          should(fits).be.false();
        });
      });
    });
  });
});

describe("utf8Bytes", () => {
  it("agrees with Node on any text, broken surrogates included", () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        should(utf8Bytes(text)).equal(Buffer.byteLength(text));
      }),
    );
  });
});
