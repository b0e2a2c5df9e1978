/** The worst masks that the limits let pass, on documents with many names and few. */
import assert from "node:assert/strict";

import _ from "lodash";
import should from "should";

import {
  adminJwt,
  createCollection,
  releaseCollection,
  writeDocuments,
} from "../../features/support/kuzzle";
import { kuzzleUrl } from "../../features/support/environment";
import { REQUEST_LIMITS } from "../../lib/limits";

const INDEX = "mask-cost";
const DOCUMENTS = 100;
const FIELDS = { large: 500, small: 5 };
/** Of the times with a mask and without. */
const MAX_RATIO = 20;
const STARS = REQUEST_LIMITS.maskWildcards.value;
const NAMES = REQUEST_LIMITS.maskFields.value;

/** Names on which patterns of `a` and `*` have as much to try as there can be. */
const NAME = "a".repeat(100);
const longNames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${"a".repeat(24)}${i}`);

const MASKS: Record<string, string[]> = {
  "all stars in one name": [`${"*a".repeat(STARS)}b`],
  "all stars at its end": [`a${"*".repeat(STARS)}`],
  "a star in each of several names": Array.from(
    { length: STARS },
    (_, i) => `*${"a".repeat(i + 1)}b`,
  ),
  "stars between dots": [Array(STARS).fill("*").join(".")],
  "as many names as may be": longNames(NAMES),
  "as many names, and stars in eight": [
    ...longNames(NAMES - STARS),
    ...Array.from({ length: STARS }, (_, i) => `*${i}a`),
  ],
};

describe("the worst masks that are allowed", function () {
  this.timeout(300_000);
  const idsOf = (size: string) =>
    Array.from({ length: DOCUMENTS }, (_, i) => `${size}${i}`);

  before(async () => {
    const mappings = { dynamic: "false", properties: {} };
    await createCollection(`${INDEX}:books`, mappings);
    for (const [size, count] of Object.entries(FIELDS)) {
      const fields = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`${NAME}${i}`, { aaaa: "x" }]),
      );
      // few at a time: a request of Kuzzle may have a megabyte
      for (const some of _.chunk(idsOf(size), 10)) {
        await writeDocuments(
          `${INDEX}:books`,
          Object.fromEntries(some.map((_id) => [_id, fields])),
        );
      }
    }
  });
  after(() => releaseCollection(`${INDEX}:books`, false));

  /** @returns milliseconds */
  async function timed(
    ids: readonly string[],
    mask: Record<string, string>,
  ): Promise<number> {
    const startedAt = performance.now();
    const response = await fetch(
      `${kuzzleUrl}/_/batch/${INDEX}/books/_batchGet?${new URLSearchParams(mask).toString()}`,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${adminJwt()}`,
        },
        body: JSON.stringify({ ids }),
      },
    );
    const text = await response.text();
    assert.equal(response.status, 200, text.slice(0, 500));
    return performance.now() - startedAt;
  }

  for (const [title, mask] of Object.entries(MASKS)) {
    for (const argument of ["source", "sourceExcludes"]) {
      for (const size of Object.keys(FIELDS)) {
        it(`[R14] cost no more than some full answers: ${title} in ${argument}, ${size} documents`, async () => {
          const args = { [argument]: JSON.stringify(mask) };
          should(await ratio(idsOf(size), args)).be.below(MAX_RATIO);
        });
      }
    }
  }

  /** To the time of a full answer, in turns: what else the machine does is in both. */
  async function ratio(
    ids: readonly string[],
    mask: Record<string, string>,
  ): Promise<number> {
    let [maskedMs, fullMs] = [Infinity, Infinity];
    for (let i = 0; i < 3; i++) {
      fullMs = Math.min(fullMs, await timed(ids, {}));
      maskedMs = Math.min(maskedMs, await timed(ids, mask));
    }
    return maskedMs / fullMs;
  }
});
