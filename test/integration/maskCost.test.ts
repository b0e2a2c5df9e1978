/**
 * The most expensive masks that the limits allow, on documents with many and with few
 * names.
 */
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
/** Ratio of the times with and without a mask. */
const MAX_RATIO = 20;
const STARS = REQUEST_LIMITS.maskWildcards.value;
const NAMES = REQUEST_LIMITS.maskFields.value;

/** A name that makes patterns of `a` and `*` backtrack as much as possible. */
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

describe("the most expensive allowed masks", function () {
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
      // few at a time: a request to Kuzzle is limited to a megabyte
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

  /**
   * Ratio to the time of a full response, measured alternately so that other load affects
   * both.
   */
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
