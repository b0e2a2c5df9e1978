import { BadRequestError, KuzzleRequest } from "kuzzle";
import should from "should";
import sinon from "sinon";

import type { Instruments } from "../../../../../lib/observability/instruments";
import { nativeMetricsHooks } from "../../../../../lib/compat/native/nativeMetrics";
import { NO_INSTRUMENTS } from "../../../../support/controller";

describe("nativeMetricsHooks", () => {
  const native = sinon.stub<Parameters<Instruments["native"]>, void>();
  const hooks = nativeMetricsHooks({ ...NO_INSTRUMENTS, native }, () => 1_500);

  beforeEach(() => native.reset());

  function finished(name: string, result: object | Error): KuzzleRequest {
    const [controller, action] = name.split(":");
    const request = new KuzzleRequest({ controller, action, timestamp: 1_000 });
    if (result instanceof Error) {
      request.setError(result);
    } else {
      request.setResult(result);
    }
    return request;
  }

  it("[D4] counts the documents of native batch actions, missing apart from failed", () => {
    hooks["request:onSuccess"]?.(
      finished("document:mGet", {
        successes: [{}, {}],
        errors: ["a", "b", "c"],
        not_found: ["b"],
      }),
    );
    hooks["request:onSuccess"]?.(
      finished("bulk:mWrite", { successes: [{}], errors: [] }),
    );
    hooks["request:onSuccess"]?.(
      finished("document:mUpdate", { successes: [], errors: [{}] }),
    );

    should(native.args).eql([
      ["native:mGet", 0.5, false, { found: 2, not_found: 1, error: 2 }],
      ["native:mWrite", 0.5, false, { written: 1, not_found: 0, error: 0 }],
      ["native:mUpdate", 0.5, false, { updated: 0, not_found: 0, error: 1 }],
    ]);
  });

  it("[D4] counts one that failed as failed", () => {
    hooks["request:onError"]?.(
      finished("bulk:mWrite", new BadRequestError("no")),
    );
    should(native.args).eql([["native:mWrite", 0.5, true, {}]]);
  });

  it("leaves all other actions alone", () => {
    hooks["request:onSuccess"]?.(finished("batch:mWrite", { successes: [] }));
    hooks["request:onSuccess"]?.(finished("document:get", {}));
    should(native.called).be.false();
  });
});
