/** What no honest caller does, or does by mistake: each answer has to be true all the same. */
import { randomUUID } from "node:crypto";

import _ from "lodash";
import should from "should";

import {
  adminJwt,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { query, type Answer } from "../../features/support/transports";
import { ask, collectionPath } from "./support/engine";

const PLACE = { index: "odd-requests", collection: "documents" };
const AT_ONCE = 20;

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

  it("[R7] an id of 513 bytes is an error of its own, in characters of any length", async () => {
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
});
