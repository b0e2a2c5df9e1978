import fc from "fast-check";
import should from "should";

import type { NumberMode, WriteInput } from "../../../client/index";
import { documentParser } from "../../../client/transport/numbers";
import { survivesRewriting } from "../../../lib/core/validation/jsonNumber";
import { anyNumber, objectTexts } from "../../support/jsonTexts";
import { batchOn, FakeSdk } from "./support/FakeSdk";

const LONG = 1306415010221662247n;
const JSON_TEXT = `{"n":${LONG},"s":1.10,"d":0.12345678901234567890,"e":1e400}`;

describe("the client's numbers", () => {
  async function stored(options: { readonly numbers?: NumberMode }) {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);
    const given = [{ _id: "a", json: JSON_TEXT }];
    const { successes } = await batch.mWrite("i", "c", given, options);
    const { documents } = await batch.batchGet("i", ["a"], options);
    const found = [];
    for await (const each of batch.found("i", ["a"], options)) found.push(each);
    const loaded = await batch.loader(options).get("i", "c", "a");
    return { sdk, all: [...successes, ...documents, ...found, loaded] };
  }

  it("[R13] are those of JSON.parse by default", async () => {
    const { sdk, all } = await stored({});
    for (const each of all) {
      should(each?._source).eql(JSON.parse(JSON_TEXT));
      should(each).not.have.property("json");
    }
    should(sdk.requests.some(({ json }) => json !== undefined)).be.false();
  });

  it("[R13] are BigInt for integers beyond 2^53, in every method", async () => {
    for (const each of (await stored({ numbers: "bigint" })).all) {
      should(each?.json).equal(JSON_TEXT);
      should(each?._source).eql({
        ...{ n: LONG, s: 1.1, d: 0.12345678901234568, e: Infinity },
      });
    }
  });

  it("[R13] are text if a double cannot represent them, in every method", async () => {
    for (const each of (await stored({ numbers: "text" })).all) {
      should(each?._source).eql({
        ...{ n: String(LONG), s: 1.1, d: "0.12345678901234567890" },
        e: "1e400",
      });
    }
  });

  it("[R13] are distinguished from those of a document that a pipe has made", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async () => ({
      status: 200,
      result: {
        documents: [{ _id: "a", collection: "c", _source: { n: 1 } }],
        ...{ not_found: [], errors: [], unprocessed: [], stats: {} },
      },
    });
    const batch = batchOn(sdk);
    batch.useLimits(sdk.plugin.limits);
    const { documents } = await batch.batchGet("i", ["a"], {
      numbers: "text",
    });
    should(documents[0]).not.have.property("json");
    should(documents[0]?._source).eql({ n: 1 });
  });

  it("[R13] may be BigInt in documents to write, which are then sent as text", async () => {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);
    const documents: WriteInput[] = [
      { _id: "a", body: { n: LONG, list: [{ n: -LONG }] }, ifAbsent: true },
      { _id: "b", body: { n: 1 } },
    ];
    await batch.mWrite("i", "c", documents);
    await batch.mUpdate("i", "c", [{ _id: "a", body: { m: LONG } }]);
    should(sdk.requests.map(({ body }) => body?.documents)).eql([
      [
        {
          ...{ _id: "a", ifAbsent: true },
          json: `{"n":${LONG},"list":[{"n":-${LONG}}]}`,
        },
        documents[1],
      ],
      [{ _id: "a", json: `{"m":${LONG}}` }],
    ]);
  });

  it("[R13] what JSON cannot express is still an error of its document", async () => {
    const cycle: Record<string, unknown> = { n: LONG };
    cycle.self = cycle;
    const { errors } = await batchOn(new FakeSdk()).mWrite("i", "c", [
      { _id: "a", body: cycle },
    ]);
    should(errors).match([{ code: "invalid", position: 0 }]);
  });

  it("[R13] must be one of the client's modes", async () => {
    await batchOn(new FakeSdk())
      .batchGet("i", ["a"], { numbers: "double" as never })
      .should.be.rejectedWith(RangeError);
  });

  it("[R13] of any text are never another number", async () => {
    const [asText, asBigInt] = await Promise.all([
      documentParser("text"),
      documentParser("bigint"),
    ]);
    const valueOf = (object: object): unknown => Object.values(object)[0];
    fc.assert(
      fc.property(anyNumber, (digits) => {
        const text = valueOf(asText(`{"n":${digits}}`));
        if (typeof text === "string") should(text).equal(digits);
        else if (/[.eE]/.test(digits)) {
          should(survivesRewriting(digits)).be.true();
        } else should(BigInt(text as number)).equal(BigInt(digits));

        const number = valueOf(asBigInt(`{"n":${digits}}`));
        if (typeof number === "bigint") should(number).equal(BigInt(digits));
        else should(number).equal(Number(digits));
        if (!/[.eE]/.test(digits)) {
          should(BigInt(number as number)).equal(BigInt(digits));
        }
      }),
    );
  });

  it("[R13] change nothing else of a document", async () => {
    const asBigInt = await documentParser("bigint");
    const rounded = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (_, each: unknown) =>
          typeof each === "bigint" ? Number(each) : each,
        ),
      );
    fc.assert(
      fc.property(objectTexts(), (text) => {
        should(rounded(asBigInt(text))).eql(rounded(JSON.parse(text)));
      }),
    );
  });
});
