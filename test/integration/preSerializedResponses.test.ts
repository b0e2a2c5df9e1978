/**
 * Over HTTP, the response of a batchGet is assembled from the engine's bytes, unless it is
 * requested `pretty`. Both must be equal.
 */
import should from "should";

import { storeText } from "../../features/support/bytes";
import { kuzzleUrl } from "../../features/support/environment";
import {
  adminJwt,
  asAdmin,
  createCollection,
  releaseCollection,
  switchPipes,
} from "../../features/support/kuzzle";

const INDEX = "engine-written";
const PLACES = ["first", "second"] as const;

/** Documents written directly to Elasticsearch in unusual formats. */
const TEXTS: Readonly<Record<string, string>> = {
  plain: '{"a":1,"b":[true,false,null]}',
  empty: "{}",
  spaced: '{\n  "a" : [ 1 ,\r\n\t2 ] ,\n  "b" : { }\n}',
  numbers: '{"a":1.0,"b":-0.0,"c":1e3,"d":1E-7,"e":12345678901234567890}',
  escapes: '{"a":"\\u00e9\\/\\"\\\\","b":"\\ud83d\\ude00","c\\"}":"},{"}',
  unicode: '{"é":"日本語 😀","a\u2028":"\u2029"}',
  nested:
    '{"docs":[{"_id":"plain","found":false}],"in":{"_source":{"_version":9}}}',
  integers: '{"2":"b","1":"a","10":{"1":[[],[[]]]}}',
  "é日本 \"'\\": '{"strange":"id"}',
};

describe("An answer written from the engine's bytes", function () {
  this.timeout(60_000);

  const ids = [...Object.keys(TEXTS), "missing", "plain"];

  before(async () => {
    for (const collection of PLACES) {
      await createCollection(`${INDEX}:${collection}`);
      // documents may have any structure
      await asAdmin({
        controller: "collection",
        action: "update",
        index: INDEX,
        collection,
        body: { mappings: { dynamic: "false" } },
      });
      const alias = encodeURIComponent(`@&${INDEX}.${collection}`);
      for (const [id, text] of Object.entries(TEXTS)) {
        await storeText(alias, encodeURIComponent(id), text);
      }
    }
  });

  after(async () => {
    for (const collection of PLACES) {
      await releaseCollection(`${INDEX}:${collection}`, false);
    }
  });

  async function ask(
    path: string,
    query: string,
    body: object,
    ownHeaders: Record<string, string> = {},
  ) {
    const response = await fetch(
      `${kuzzleUrl}/_/batch/${INDEX}/${path}?${query}`,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${adminJwt()}`,
          ...ownHeaders,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      },
    );
    const text = await response.text();
    const answer = JSON.parse(text) as Record<string, any>;
    const requestId: unknown = answer.requestId;
    const messageId = response.headers.get("x-kuzzle-request-id");
    // differs for each request
    delete answer.requestId;
    for (const name of ["tookMs", "engineTookMs", "queueMs"]) {
      delete answer.result?.stats?.[name];
    }
    const headers = Object.fromEntries(response.headers);
    for (const name of ["date", "x-kuzzle-request-id", "content-length"]) {
      delete headers[name];
    }
    const { status } = response;
    return { text, status, headers, answer, requestId, messageId };
  }

  const unknown = { _id: "plain", collection: "nowhere" };
  const documents = ids.flatMap((_id) =>
    PLACES.map((collection) => ({ _id, collection })),
  );
  for (const [what, path, query, body] of [
    ["a collection", "first/_batchGet", "", { ids }],
    ["a whole index", "_batchGet", "", { ids }],
    ["addresses", "_batchGet", "", { documents }],
    ["some fields", "first/_batchGet", "source=a,b.*", { ids }],
    ["all but some", "first/_batchGet", "sourceExcludes=a", { ids }],
    ["no sources", "first/_batchGet", "source=false", { ids }],
    ["defects", "first/_batchGet", "", { ids: ["plain", 7, ""] }],
    ["all there, strictly", "first/_batchGet", "strict", { ids: ["plain"] }],
    ["not all there, strictly", "first/_batchGet", "strict", { ids }],
    ["what does not exist", "_batchGet", "", { documents: [unknown] }],
  ] as const) {
    it(`[R11] says what Kuzzle would have said, of ${what}`, async () => {
      const written = await ask(path, query, body);
      const byKuzzle = await ask(path, `${query}&pretty`, body);

      should(written.text).not.startWith("{\n");
      should(byKuzzle.text).startWith("{\n");
      should(written.status).equal(byKuzzle.status);
      should(written.headers).eql(byKuzzle.headers);
      should(Object.keys(written.answer)).eql(Object.keys(byKuzzle.answer));
      should(written.answer).eql(byKuzzle.answer);
    });
  }

  it("[R1] has all of them", async () => {
    const { answer } = await ask("first/_batchGet", "", { ids });
    should(answer.result.stats).containEql({ requested: 11, found: 9 });
    should(answer.result.not_found).eql(["missing"]);
  });

  it("[R3] follows the request, however many calls to the engine it needs", async () => {
    const asked = Array.from({ length: 600 }, (_, i) => ({
      // not in the order in which they are stored
      _id: `n${(i * 7) % 300}`,
      collection: PLACES[i < 300 === (i % 3 === 0) ? 0 : 1],
    }));
    for (const collection of PLACES) {
      await asAdmin({
        controller: "bulk",
        action: "mWrite",
        index: INDEX,
        collection,
        body: {
          documents: Array.from({ length: 300 }, (_, i) => ({
            _id: `n${i}`,
            body: { at: `${collection}/n${i}` },
          })).filter((_, i) => i % 10 !== 9),
        },
      });
    }
    const written = await ask("_batchGet", "", { documents: asked });
    const byKuzzle = await ask("_batchGet", "pretty", { documents: asked });

    const isThere = ({ _id }: { _id: string }) => !_id.endsWith("9");
    const { documents: found, not_found, stats } = written.answer.result;
    should(stats.engineCalls).be.above(3);
    should(
      found.map(({ _id, collection, _source }: Record<string, any>) => [
        `${collection}/${_id}`,
        _source.at,
      ]),
    ).eql(
      asked
        .filter(isThere)
        .map(({ _id, collection }) => `${collection}/${_id}`)
        .map((address) => [address, address]),
    );
    should(not_found).eql(asked.filter((each) => !isThere(each)));
    should(written.answer).eql(byKuzzle.answer);
  });

  for (const [whose, query, headers] of [
    ["of the message", "", { "x-kuzzle-request-id": "told" }],
    ["of the message, and not an argument", "requestId=foo", {}],
    [
      "of the message, and not an argument beside it",
      "requestId=foo",
      { "x-kuzzle-request-id": "told" },
    ],
  ] as const) {
    it(`[R11] has the request id ${whose}`, async () => {
      for (const way of ["", "&pretty"]) {
        const { requestId, messageId } = await ask(
          "first/_batchGet",
          query + way,
          { ids: ["plain"] },
          headers,
        );
        should(requestId).be.a.String().and.equal(messageId);
        should(requestId).not.equal("foo");
      }
    });
  }

  it("[R11] has the status that a pipe has set", async () => {
    await switchPipes(["setting a status"]);
    try {
      const written = await ask("first/_batchGet", "", { ids });
      const byKuzzle = await ask("first/_batchGet", "pretty", { ids });

      should(written.status).equal(203);
      should(written.answer.status).equal(203);
      should(byKuzzle.status).equal(203);
      should(written.headers).eql(byKuzzle.headers);
      should(written.answer).eql(byKuzzle.answer);
    } finally {
      await switchPipes([]);
    }
  });

  it("[R11] keeps a number that JavaScript cannot represent", async () => {
    const { text } = await ask("first/_batchGet", "", { ids: ["numbers"] });
    should(text).containEql(TEXTS.numbers);
  });

  it("[R11] is an object for a plugin that sends the request for a client", async () => {
    const { answer } = await ask("first/_batchGet", "", { ids: ["plain"] });
    const response = await fetch(`${kuzzleUrl}/_/relay/${INDEX}/first`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
      body: JSON.stringify({ ids: ["plain"] }),
      signal: AbortSignal.timeout(20_000),
    });
    const { result } = (await response.json()) as Record<string, any>;
    should(result.documents).eql(answer.result.documents);
  });

  it("[R2] treats a source that is not JSON as an error", async () => {
    const alias = encodeURIComponent(`@&${INDEX}.first`);
    await storeText(alias, "broken", '{"a":[1, /* "]} */ 2]}');
    for (const query of ["", "pretty"]) {
      const { status, answer } = await ask("first/_batchGet", query, {
        ids: ["broken"],
      });
      const { documents: found, errors } = answer.result;
      should(status).equal(200);
      // an engine that rejects such a document has none
      should(found).eql([]);
      should(errors.length + answer.result.not_found.length).equal(1);
    }
  });
});
