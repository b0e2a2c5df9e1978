import fc from "fast-check";
import type { KuzzleRequest } from "kuzzle";
import should from "should";

import type { GetAnswer } from "../../../../../lib/api/response/answers";
import type { KuzzleServices } from "../../../../../lib/kuzzle/KuzzleServices";
import {
  noteArrival,
  noteHandler,
} from "../../../../../lib/kuzzle/requestState";
import {
  canPreSerialize,
  preSerializedResponse,
} from "../../../../../lib/api/response/preSerializedResponse";
import type { Source } from "../../../../../lib/types";
import { RawSource } from "../../../../../lib/core/RawSource";
import { kuzzleServices } from "../../../../support/request";

/** In the middle of an engine's response. */
function rawSource(source: Source): RawSource {
  const json = Buffer.from(JSON.stringify(source));
  const answer = Buffer.concat([Buffer.from("before"), json, Buffer.from("!")]);
  return new RawSource(answer, 6, 6 + json.length);
}

/** The part of Kuzzle's response object that is used here. */
function withResponse(content: object): KuzzleRequest & { formats: unknown[] } {
  const formats: unknown[] = [];
  return {
    formats,
    response: {
      configure: ({ format }: { format?: string } = {}) => formats.push(format),
      toJSON: () => ({ content }),
    },
  } as unknown as KuzzleRequest & { formats: unknown[] };
}

function answerWith(
  sources: readonly Source[],
  asSource: (source: Source) => Source | RawSource,
): GetAnswer {
  return {
    documents: sources.map((source, i) => ({
      _id: `"é${i}`,
      index: "nyc",
      collection: "yellow",
      ...(i % 5 !== 4 && { _source: asSource(source) }),
      _version: i + 1,
      _seq_no: i,
      _primary_term: 1,
    })),
    not_found: ["gone", { collection: "green", _id: "too" }],
    errors: [],
    unprocessed: [],
    stats: {} as GetAnswer["stats"],
  };
}

describe("An answer that is written here", () => {
  it("[R11] is byte for byte what Kuzzle would have written", function () {
    this.timeout(20_000);
    const source = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.array(source, { maxLength: 8 }),
        fc.jsonValue(),
        (sources, volatile) => {
          const envelope = {
            action: "batchGet",
            deprecations: undefined,
            error: null,
            result: null as unknown,
            status: 200,
            volatile,
          };
          const raw = answerWith(sources, (each) => rawSource(each));
          const request = withResponse(envelope);
          const written = preSerializedResponse(request, raw);

          envelope.result = answerWith(sources, (each) => each);
          should(written).equal(JSON.stringify(envelope));
          should(request.formats.at(-1)).equal("raw");
        },
      ),
    );
  });

  it("[R11] is not raw if it cannot be written", () => {
    const request = withResponse({ result: null, status: 200 });
    const answer = answerWith([], () => ({}));
    const broken = { ...answer, missing: [{ _id: 1n }] } as never;
    should(() => preSerializedResponse(request, broken)).throw(TypeError);
    should(request.formats).eql([undefined]);
  });

  describe("is written", () => {
    function requestOf(
      protocol: string,
      args: object = {},
      headers?: object,
    ): KuzzleRequest {
      return {
        id: "told",
        context: { connection: { protocol, id: "told", misc: { headers } } },
        input: { controller: "batch", action: "batchGet", args },
        response: { raw: false },
      } as unknown as KuzzleRequest;
    }

    async function isWritten(
      request: KuzzleRequest,
      kuzzle: KuzzleServices = kuzzleServices(),
    ): Promise<boolean> {
      return canPreSerialize(noteHandler(noteArrival(request)), kuzzle);
    }

    it("[R11] over HTTP, if nobody else reads it", async () => {
      should(await isWritten(requestOf("http"))).be.true();
    });

    for (const protocol of ["websocket", "mqtt", "funnel"]) {
      it(`[R11] not over ${protocol}`, async () => {
        should(await isWritten(requestOf(protocol))).be.false();
      });
    }

    it("[R11] not for a plugin that runs a request of a client's kind", () => {
      should(canPreSerialize(requestOf("http"), kuzzleServices())).be.false();
    });

    for (const event of [
      "batch:afterBatchGet",
      "request:onSuccess",
      "request:afterExecution",
      "document:afterMGet",
      "generic:document:afterGet",
    ]) {
      it(`[R6] not where somebody waits for ${event}`, async () => {
        const kuzzle = kuzzleServices();
        kuzzle.hasListeners.callsFake((each) => each === event);
        should(await isWritten(requestOf("http"), kuzzle)).be.false();
      });
    }

    it("[R11] not if Kuzzle would answer with another request id", async () => {
      const own = requestOf("http", {}, { "x-kuzzle-request-id": "own" });
      should(await isWritten(own)).be.false();
      const told = requestOf("http", {}, { "x-kuzzle-request-id": "told" });
      should(await isWritten(told)).be.true();
    });

    it("not if it is requested pretty, or measured for the access log", async () => {
      const logging = { ...kuzzleServices(), logsAccess: true };
      should(await isWritten(requestOf("http", { pretty: "" }))).be.false();
      should(await isWritten(requestOf("http"), logging)).be.false();
    });
  });
});
