/** Malicious or mistaken requests, whose responses must nevertheless be correct. */
import { randomUUID } from "node:crypto";

import _ from "lodash";
import should from "should";

import {
  adminJwt,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { kuzzleUrl } from "../../features/support/environment";
import { query, type Answer } from "../../features/support/transports";
import { ask, collectionPath } from "./support/engine";

const PLACE = { index: "odd-requests", collection: "documents" };
const AT_ONCE = 20;
const SIBLINGS = ["first", "last"];

type Entry = Record<string, any>;

describe("odd requests", function () {
  this.timeout(120_000);

  const address = `${PLACE.index}:${PLACE.collection}`;
  before(() => createCollection(address));
  after(() => releaseCollection(address, false));

  function batch(action: string, args: object): Promise<Answer> {
    const jwt = adminJwt();
    return query({ controller: "batch", action, ...PLACE, ...args, jwt });
  }

  async function stored(ids: readonly string[]): Promise<Entry[]> {
    const { result } = await batch("batchGet", { body: { ids } });
    should(result).containDeep({ not_found: [], errors: [] });
    return (result as Entry).documents;
  }

  for (const atomic of [false, true]) {
    it(`[W5] one key, many at once, atomic: ${atomic}: it is done once, and nobody hears otherwise`, async () => {
      const idempotencyKey = randomUUID();
      const key = randomUUID();
      const documents = [
        ..._.range(5).map((n) => ({ _id: `${key}-${n}`, body: { n } })),
        { body: { key } },
      ];
      const answers = await Promise.all(
        _.range(AT_ONCE).map(() =>
          batch("mWrite", { idempotencyKey, atomic, body: { documents } }),
        ),
      );
      const [done, others] = _.partition(
        answers,
        ({ status }) => status === 200,
      );
      should(others.map(({ error }) => error?.id)).matchEach(
        "batch.idempotency.in_progress",
      );
      const first = done.filter(
        ({ result }) => (result as Entry).stats.replayed !== true,
      );
      should(first).have.length(1);
      const written = done.map(({ result }) =>
        (result as Entry).successes.map(({ _id, _version, _seq_no }: Entry) => [
          ...[_id, _version, _seq_no],
        ]),
      );
      written.forEach((each) => should(each).eql(written[0]));
      should(written[0].map(([, version]: unknown[]) => version)).matchEach(1);
      await ask("POST", collectionPath(...place, "_refresh"));
      const { count } = await ask("POST", collectionPath(...place, "_count"), {
        query: { match: { key } },
      });
      should(count).be.belowOrEqual(1);
    });
  }

  const place = [PLACE.index, PLACE.collection] as const;

  const ODD_IDS = [
    "é".repeat(256),
    "🙂".repeat(128),
    "€".repeat(170) + "ab",
    ...["/", "%2F", "..", "a b", "a,b", "_all", "a\nb", '"', "\\", "a\u0000b"],
    ...["__proto__", "constructor", "*", "<>", "\u2028", " a "],
  ];

  for (const atomic of [false, true]) {
    it(`[R7, R1] any id of up to 512 bytes names one document, atomic: ${atomic}`, async () => {
      const wrote = await batch("mWrite", {
        ...{ atomic },
        body: {
          documents: ODD_IDS.map((_id) => ({ _id, body: { own: _id } })),
        },
      });
      should(wrote.error).be.null();
      const found = await stored(ODD_IDS);
      should(found.map(({ _id }) => _id)).eql(ODD_IDS);
      should(found.map(({ _source }) => _source.own)).eql(ODD_IDS);

      const { result, error } = await batch("batchWrite", {
        ...{ atomic, strict: true },
        body: { operations: ODD_IDS.map((_id) => ({ delete: { _id } })) },
      });
      should(error).be.null();
      should((result as Entry).results.map(({ _id }: Entry) => _id)).eql(
        ODD_IDS,
      );
      const after = await batch("batchGet", { body: { ids: ODD_IDS } });
      should((after.result as Entry).not_found).eql(ODD_IDS);
    });
  }

  it("[R7] an id of 513 bytes is an error of its own, whatever the length of its characters", async () => {
    const long = [
      "a".repeat(513),
      "é".repeat(256) + "a",
      "🙂".repeat(128) + "a",
    ];
    const documents = [...long, "short"].map((_id) => ({ _id, body: {} }));
    const wrote = await batch("mWrite", { body: { documents } });
    const read = await batch("batchGet", {
      body: { ids: [...long, "short"] },
    });
    for (const { result } of [wrote, read]) {
      const { errors, successes, documents: found } = result as Entry;
      should(errors.map(({ code, position }: Entry) => [code, position])).eql(
        long.map((__, position) => ["invalid", position]),
      );
      should((successes ?? found).map(({ _id }: Entry) => _id)).eql(["short"]);
    }
  });

  async function send(
    method: string,
    action: string,
    body: string,
  ): Promise<Answer & { readonly bytes: number }> {
    const url = `${kuzzleUrl}/_/batch/${PLACE.index}/${PLACE.collection}/_${action}`;
    const response = await fetch(url, {
      ...{ method, body },
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
    });
    const text = await response.text();
    return { ...(JSON.parse(text) as Answer), bytes: text.length };
  }

  const DEEP = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const ids = ["first", "deep", "last"];
  const documents = ids.map(
    (_id) => `{"_id":"${_id}","body":${_id === "deep" ? DEEP : '{"n":1}'}}`,
  );
  const WAYS = {
    mWrite: ["POST", `{"documents":[${documents.join()}]}`],
    mUpdate: ["PUT", `{"documents":[${documents.join()}]}`],
    batchWrite: [
      "POST",
      `{"operations":[${documents.map((each) => `{"createOrReplace":${each}}`).join()}]}`,
    ],
  } as const;

  for (const [action, [method, body]] of Object.entries(WAYS)) {
    it(`[R7, R14] a body 20,000 levels deep fails alone: ${action}`, async () => {
      const created = SIBLINGS.map((_id) => ({ _id, body: {} }));
      await batch("mWrite", { body: { documents: created } });
      const { result } = await send(method, action, body);
      const { errors, successes, results } = result as Entry;
      should(errors).match([{ position: 1, status: 400, code: "invalid" }]);
      should((successes ?? results).map(({ _id }: Entry) => _id)).eql(SIBLINGS);
    });
  }

  for (const [action, list] of [
    ["mWrite", "documents"],
    ["batchWrite", "operations"],
  ] as const) {
    it(`[R7, R14] a megabyte of items that are none has a short answer: ${action}`, async () => {
      const count = 400_000;
      const items = new Array<number>(count).fill(0).join();
      const answer = await send("POST", action, `{"${list}":[${items}]}`);
      should(answer.status).equal(400);
      should(answer.error).match({
        id: "batch.request.too_many_invalid",
        count,
      });
      should(answer.error?.errors).have.length(1_000);
      should(answer.bytes).be.below(300_000);
    });
  }
});
