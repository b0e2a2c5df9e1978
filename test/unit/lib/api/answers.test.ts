import should from "should";

import {
  assertCompleteGet,
  assertCompleteWrite,
  documentEntry,
  getAnswer,
} from "../../../../lib/api/response/answers";
import type { GetResult, WriteResult } from "../../../../lib/core/commands";
import { failureOf } from "../../../support/failures";

const stats = { requested: 4 } as GetResult["stats"];

function getResult(extra: Partial<GetResult> = {}): GetResult {
  return {
    documents: [],
    missing: [],
    errors: [],
    unprocessed: [],
    stats,
    ...extra,
  };
}

const asked = { _id: "a", collection: "yellow" };

describe("getAnswer", () => {
  it("names missing documents as they were requested", () => {
    const { not_found } = getAnswer(
      getResult({
        missing: [
          { position: 0, _id: "a", byAddress: false },
          { position: 1, ...asked, byAddress: false },
          { position: 2, ...asked, byAddress: true },
          { position: 3, _id: "b", byAddress: true },
        ],
      }),
      [],
    );
    should(not_found).eql(["a", "a", { collection: "yellow", _id: "a" }, "b"]);
  });

  it("[G3] returns unprocessed documents as they were sent", () => {
    const entries = ["x", { _id: "a", more: 1 }];
    const { unprocessed } = getAnswer(
      getResult({
        unprocessed: [{ position: 1, _id: "a", byAddress: true }],
      }),
      entries,
    );
    should(unprocessed).eql([entries[1]]);
  });
});

describe("assertCompleteGet", () => {
  it("[G4] is content with documents alone", () => {
    assertCompleteGet(getResult());
  });

  it("[G4] fails with all that is missing, failed or left over, in order", () => {
    should(() =>
      assertCompleteGet(
        getResult({
          missing: [{ position: 2, ...asked, byAddress: true }],
          errors: [
            { _id: "b", position: 1, ...failureOf("unavailable") },
            { _id: 7, position: 3, ...failureOf("invalid") },
          ],
          unprocessed: [{ position: 0, _id: "c", byAddress: false }],
        }),
      ),
    ).throw({
      id: "batch.get.incomplete",
      status: 400,
      message: "4 of the 4 requested documents were not returned.",
      count: 4,
      errors: [
        {
          _id: "c",
          position: 0,
          status: 413,
          code: "too_large",
          reason: "The response was full: request the document again.",
          retryable: true,
        },
        { _id: "b", position: 1, ...failureOf("unavailable") },
        {
          ...asked,
          position: 2,
          status: 404,
          code: "not_found",
          reason: "There is no such document.",
          retryable: false,
        },
        { _id: 7, position: 3, ...failureOf("invalid") },
      ],
    });
  });

  const ONE_OF: Array<[string, Partial<GetResult>]> = [
    ["missing", { missing: [{ position: 0, _id: "a", byAddress: false }] }],
    ["failed", { errors: [{ _id: "a", position: 0, ...failureOf("other") }] }],
    [
      "left over",
      { unprocessed: [{ position: 0, _id: "a", byAddress: false }] },
    ],
  ];
  for (const [title, extra] of ONE_OF) {
    it(`[G4] fails for one that is ${title}`, () => {
      should(() => assertCompleteGet(getResult(extra))).throw({ count: 1 });
    });
  }
});

describe("assertCompleteWrite", () => {
  const errors = [
    {
      document: { _id: "a", body: {} },
      position: 0,
      ...failureOf("mapping"),
    },
  ];

  for (const what of ["write", "update"] as const) {
    for (const completeness of ["refused", "incomplete"] as const) {
      it(`[W2, U4, R8] ${completeness} is batch.${what}.${completeness}, with each that failed`, () => {
        should(() =>
          assertCompleteWrite(
            {
              completeness,
              errors,
              stats,
              successes: [],
            } as unknown as WriteResult,
            { errors: what, toEntry: documentEntry },
          ),
        ).throw({
          id: `batch.${what}.${completeness}`,
          status: 400,
          count: 1,
          errors,
        });
      });
    }
  }

  it("is content with a complete batch", () => {
    assertCompleteWrite(
      { completeness: "complete", errors: [], stats } as unknown as WriteResult,
      { errors: "write", toEntry: documentEntry },
    );
  });
});
