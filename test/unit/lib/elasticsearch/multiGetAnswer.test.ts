import fc from "fast-check";
import should from "should";

import { sendWithRetries } from "../../../../lib/core/retry/sendWithRetries";
import { newRequestStats } from "../../../../lib/core/RequestStats";
import { NOT_JSON } from "../../../../lib/core/outcome";
import {
  parseMultiGet,
  readMultiGet,
  readRawDocuments,
} from "../../../../lib/elasticsearch/multiGetAnswer";
import { RawSource } from "../../../../lib/core/RawSource";
import { FakeStore } from "../../../support/FakeStore";
import { testEngine } from "../../../support/testEngine";

function read(
  docs: readonly { readonly _id: string; [name: string]: unknown }[],
) {
  const addresses = docs.map(({ _id }) => ({ collection: "yellow", _id }));
  return readMultiGet(Buffer.from(JSON.stringify({ docs })), addresses);
}

const source = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
const id = fc.string({ unit: "binary", minLength: 1 });
const count = fc.nat();

describe("readMultiGet", () => {
  it("[G1] gives what was found, its source byte for byte", () => {
    fc.assert(
      fc.property(
        id,
        source,
        count,
        count,
        count,
        (_id, _source, ...numbers) => {
          const [_version, _seq_no, _primary_term] = numbers;
          const metadata = { _id, _version, _seq_no, _primary_term };
          const [outcome] = read([
            {
              _index: "&nyc.yellow",
              _type: "_doc",
              ...metadata,
              _routing: "elsewhere",
              found: true,
              _source,
            },
          ]);
          should(outcome?.ok).be.true();
          const { _source: raw, ...rest } = (outcome as any).value;
          should(rest).eql(metadata);
          should(raw).be.instanceOf(RawSource);
          should(String(raw)).equal(JSON.stringify(_source));
          should(JSON.stringify(raw)).equal(JSON.stringify(_source));
        },
      ),
    );
  });

  it("[R2] distinguishes missing and failed documents, by position", () => {
    const error = { type: "no_shard_available_action_exception", reason: "no" };
    const outcomes = read([
      { _index: "i", _id: "a", found: false },
      { _index: "i", _id: "b", error },
      {
        _index: "i",
        _id: "c",
        found: true,
        _version: 2,
        _seq_no: 3,
        _primary_term: 1,
      },
    ]);
    should(outcomes).eql([
      { ok: true, value: null },
      {
        ok: false,
        failure: {
          status: 503,
          code: "unavailable",
          reason: "no",
          retryable: true,
        },
      },
      {
        ok: true,
        value: { _id: "c", _version: 2, _seq_no: 3, _primary_term: 1 },
      },
    ]);
  });

  it("[R2] takes for missing what is, and nothing that only looks so", () => {
    const tricky = fc.oneof(
      fc.constantFrom(
        "}",
        "{",
        '"',
        "\\",
        ',"found":false}',
        ',\\"found":false}',
      ),
      id,
    );
    const missing = fc.record({ _id: tricky, found: fc.constant(false) });
    const found = fc.record({
      _id: tricky,
      _version: count,
      found: fc.constant(true),
      _source: fc.oneof(
        fc.constantFrom<object>(
          { found: false },
          { a: 1, found: false },
          { a: { b: 1, found: false } },
          { ',"found': false },
        ),
        fc.dictionary(tricky, fc.oneof(fc.constant(false), tricky)),
      ),
    });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(missing, found), { maxLength: 6 }),
        (docs) => {
          const outcomes = read(docs.map((doc) => ({ _index: "i", ...doc })));
          should(
            outcomes.map(({ value }: any) => value && String(value._source)),
          ).eql(
            docs.map((doc) =>
              "_source" in doc ? JSON.stringify(doc._source) : null,
            ),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("[R2] takes nothing for an answer that is neither yes nor no", () => {
    should(() => read([{ _index: "i", _id: "a" }])).throw(/neither yes nor no/);
  });

  for (const found of [false, true]) {
    const doc = { found, _version: 1, _seq_no: 0, _primary_term: 1 };
    for (const length of [0, 1, 3]) {
      it(`[R1] takes ${length} answers to two addresses, found: ${found}, for no answer`, async () => {
        const docs = Array.from({ length }, () => doc);
        const json = Buffer.from(JSON.stringify({ docs }));
        await sendWithRetries(
          ["a", "b"].map((_id) => ({ collection: "yellow", _id })),
          {
            chunks: [[0, 1]],
            send: async (asked) => ({ outcomes: readMultiGet(json, asked) }),
          },
          testEngine(new FakeStore()),
          newRequestStats(),
        ).should.be.rejectedWith(
          found && length > 2 ? /more than it was asked/ : /answers are lost/,
        );
      });
    }
  }

  it("[R2] takes no part of an answer for the whole", () => {
    const json = Buffer.from(
      JSON.stringify({
        docs: [
          { _id: "a", found: false },
          { _id: "b", error: { type: "some_exception" } },
          { _id: "c", found: true, _version: 1, _source: { n: [1, "}"] } },
        ],
      }),
    );
    const addresses = ["a", "b", "c"].map((_id) => ({ collection: "y", _id }));
    should(readMultiGet(json, addresses)).have.length(3);
    for (let end = 0; end < json.length; end++) {
      should(() => readMultiGet(json.subarray(0, end), addresses)).throw(
        SyntaxError,
      );
    }
  });

  it("is not confused by a source that looks like an answer", () => {
    const _source = {
      found: false,
      docs: [{ _id: "x" }],
      error: {},
      text: '"}]}',
    };
    const outcomes = read([
      {
        _id: "a",
        _version: 1,
        _seq_no: 0,
        _primary_term: 1,
        found: true,
        _source,
      },
      { _id: "b", found: false },
    ]);
    should(outcomes).have.length(2);
    should((outcomes[0] as any).value._source.toJSON()).eql(_source);
  });

  /** What engines were seen to store, and what could be mistaken for their response. */
  const NOT_JSONS = [
    '{"a":/* } " ] */1}',
    '{"a":1} /* } */',
    '{"a":1} // x',
    '{"a":1 // } x\n}',
    '\ufeff{"a":1}',
    '{"a":NaN}',
    '{"a":-Infinity}',
    '{"a":[{"_index":"i","_id":"x"},{"_index":"i","_id":"y"}],"b":NaN}',
    '{"a":/*},{"_index":"i","_id":"mine","found":false},*/1}',
  ];

  for (const text of NOT_JSONS) {
    it(`[R7] answers that ${JSON.stringify(text)} is not JSON, and all others`, () => {
      for (const at of [0, 1, 2]) {
        const texts = ['{"n":1.10}', '{"n":2.50}'];
        texts.splice(at, 0, text);
        const docs = texts.map(
          (_source, i) =>
            `{"_index":"i","_id":"d${i}","_version":${i + 1},"_seq_no":${i + 5},"_primary_term":1,"found":true,"_source":${_source}}`,
        );
        const json = Buffer.from(`{"docs":[${docs.join(",")}]}`);
        const asked = texts.map((_, i) => ({ collection: "y", _id: `d${i}` }));

        const read = readMultiGet(json, asked).map(shown);
        should(read).eql(texts.map((each, i) => (i === at ? NOT_JSON : each)));
        const parsed = parseMultiGet(json, asked).map(shown);
        should(parsed.map((each, i) => (i === at ? each : null))).eql(
          texts.map((_, i) => (i === at ? NOT_JSON : null)),
        );
        const raw = readRawDocuments(json, asked);
        should(raw.map(({ value }: any) => value.notJson === true)).eql(
          texts.map((_, i) => i === at),
        );
        should(raw.map(({ value }: any) => value.version)).eql([1, 2, 3]);
      }
    });
  }

  function shown(outcome: any): unknown {
    return outcome.ok ? String(outcome.value._source) : outcome.failure;
  }
});
