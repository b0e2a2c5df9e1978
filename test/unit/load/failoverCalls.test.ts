/** What test:failover finds in responses, with and without a fault of each kind. */
import should from "should";

import {
  type Answer,
  type Call,
  faultsOf,
  goesOnAfter,
  judge,
  noFindings,
} from "../../load/failover/calls";
import type { Stored } from "../../load/failover/engine";

const IDS = ["a", "b"] as const;
const CALL: Call = {
  kind: "mWrite",
  documents: IDS.map((_id) => ({ _id, body: { is: _id } })),
  before: new Map(),
};
const ATOMIC: Call = { ...CALL, kind: "atomic" };

function stored(...ids: readonly string[]): Map<string, Stored> {
  return new Map(
    ids.map((_id) => [_id, { source: { is: _id }, seqNo: 0, term: 1 }]),
  );
}

/** A response for both documents: those written and those that failed, by position. */
function answer(
  written: readonly number[],
  failed: ReadonlyArray<readonly [position: number, code: string]> = [],
): Answer {
  return {
    ...{ status: 200, startedAt: 0, tookMs: 1, error: null },
    result: {
      successes: written.map((position) => ({ position })),
      errors: failed.map(([position, code]) => ({ position, code })),
    },
  };
}

function rejected(
  id: string,
  errors: ReadonlyArray<{ position: number; code: string }> = [],
): Answer {
  return {
    ...{ status: 409, startedAt: 0, tookMs: 1, result: null },
    error: { id, errors },
  };
}

const PLANTED: Record<
  string,
  [fault: string, call: Call, answer: Answer | undefined, now: string[]]
> = {
  "a document that is told to be written": [
    "lost",
    CALL,
    answer([0, 1]),
    ["a"],
  ],
  "a document that is told to be refused": [
    "untrue",
    CALL,
    answer([0], [[1, "version_conflict"]]),
    ["a", "b"],
  ],
  "a rolled back batch that is there": [
    "untrue",
    ATOMIC,
    rejected("batch.write.rolled_back"),
    ["a", "b"],
  ],
  "half of an atomic batch": [
    "torn",
    ATOMIC,
    rejected("batch.write.outcome_unknown"),
    ["a"],
  ],
  "a document in no list": ["unaccounted", CALL, answer([0]), ["a"]],
  "a document in two lists": [
    "unaccounted",
    CALL,
    answer([0, 1], [[1, "unknown_outcome"]]),
    ["a", "b"],
  ],
  "a request without an answer": ["hung", CALL, undefined, []],
};

const SOUND: Record<string, [call: Call, answer: Answer, now: string[]]> = {
  "all is written": [CALL, answer([0, 1]), ["a", "b"]],
  "an unknown outcome, written or not": [
    CALL,
    answer(
      [],
      [
        [0, "unknown_outcome"],
        [1, "unknown_outcome"],
      ],
    ),
    ["b"],
  ],
  "a batch that is rolled back": [
    ATOMIC,
    rejected("batch.write.rolled_back"),
    [],
  ],
  "a document that an incomplete rollback names": [
    ATOMIC,
    rejected("batch.write.rollback_incomplete", [
      { position: 0, code: "version_conflict" },
      { position: 1, code: "rejected" },
    ]),
    ["a"],
  ],
};

function findingsOf(...[call, got, now]: [Call, Answer | undefined, string[]]) {
  const findings = noFindings();
  judge(call, got, stored(...now), findings);
  return findings;
}

describe("the findings of a failover", () => {
  for (const [name, [fault, ...observed]] of Object.entries(PLANTED)) {
    it(`are ${fault}: ${name}`, () => {
      const findings = findingsOf(...observed);

      should(findings).have.property(fault).above(0);
      should(faultsOf(findings)).be.above(0);
    });
  }

  for (const [name, observed] of Object.entries(SOUND)) {
    it(`are nothing: ${name}`, () => {
      should(faultsOf(findingsOf(...observed))).equal(0);
    });
  }

  it("tell how long it took until all of a request was written", () => {
    const at = (startedAt: number, tookMs: number, got: Answer): Answer => ({
      ...got,
      startedAt,
      tookMs,
    });

    const ms = goesOnAfter(100, [
      at(90, 20, answer([0, 1])), // sent before
      at(110, 50, answer([0], [[1, "unavailable"]])),
      at(120, 200, answer([0, 1])),
      at(130, 90, answer([0, 1])),
      undefined,
    ]);

    should(ms).equal(120);
  });
});
