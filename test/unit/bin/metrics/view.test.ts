import should from "should";

import { quantile, Samples } from "../../../../bin/metrics/samples";
import { view } from "../../../../bin/metrics/view";

const text = (
  requests: number,
  written: number,
  failed: number,
  fast: number,
) => `
# TYPE kuzzle_batch_operation_duration_seconds histogram
kuzzle_batch_operation_duration_seconds_bucket{le="0.1",action="mWrite",outcome="complete"} ${fast}
kuzzle_batch_operation_duration_seconds_bucket{le="+Inf",action="mWrite",outcome="complete"} ${requests}
kuzzle_batch_operation_duration_seconds_count{action="mWrite",outcome="complete"} ${requests}
kuzzle_batch_documents_total{action="mWrite",result="written"} ${written}
kuzzle_batch_documents_total{action="mWrite",result="error"} ${failed}
kuzzle_batch_engine_calls_total{operation="bulk"} ${requests * 2}
kuzzle_batch_inflight 3
kuzzle_batch_concurrency_limit 8
other_metric{action="mWrite"} 5
`;

const at = (atMs: number, ...counts: [number, number, number, number]) => ({
  samples: Samples.parse(text(...counts)),
  atMs,
});

describe("the view of the metrics", () => {
  it("has rates between two readings", () => {
    const before = at(1_000, 10, 1_000, 10, 10);
    const lines = view(at(3_000, 30, 9_000, 50, 11), before);
    should(lines[1]?.split(/ {2,}/)).eql([
      ...["mWrite", "10", "4,020", "20", "more", "more"],
    ]);
    should(lines.join("\n")).match(/engine +20 calls\/s/);
    should(lines.join("\n")).match(/3 of at most 8 in progress/);
  });

  it("has totals of a single reading", () => {
    const lines = view(at(1_000, 10, 1_000, 10, 9), undefined);
    should(lines[1]?.split(/ {2,}/)).eql([
      ...["mWrite", "10", "1,010", "10", "100 ms", "more"],
    ]);
  });

  it("says that nothing has happened yet", () => {
    const nothing = { samples: Samples.parse(""), atMs: 0 };
    should(view(nothing, undefined).join("\n")).match(/no request/);
  });

  it("reads labels that have anything in them", () => {
    const samples = Samples.parse('kuzzle_batch_x{a="1,\\"}=",b="2"} 7\n');
    should(samples.sum("kuzzle_batch_x", { a: '1,\\"}=', b: "2" })).equal(7);
    should(samples.sum("kuzzle_batch_x", { b: "3" })).equal(0);
  });

  it("takes quantiles of what was added since", () => {
    const before = new Map([
      [1, 5],
      [2, 5],
      [Infinity, 5],
    ]);
    const now = new Map([
      [1, 5],
      [2, 14],
      [Infinity, 15],
    ]);
    should(quantile(0.5, now, before)).equal(2);
    should(quantile(0.95, now, before)).equal(Infinity);
    should(quantile(0.5, before, before)).be.undefined();
  });
});
