import _ from "lodash";
import should from "should";

import { parsedWhenSeen } from "../../../../../lib/api/response/parsedWhenSeen";
import { RawSource } from "../../../../../lib/core/RawSource";

const LONG = '{"n":1306415010221662247,"f":1.0}';

interface Entry {
  _id: string;
  _source?: any;
  _version: number;
}

function entry(): Entry {
  return parsedWhenSeen({
    ...{ _id: "a", _source: RawSource.ofText(LONG), _version: 1 },
  });
}

const sent = (value: unknown): string => RawSource.stringify({ value });
const withSource = (source: string) =>
  `{"value":{"_id":"a","_source":${source},"_version":1}}`;

describe("An entry of an answer that listeners are given", () => {
  it("[R13] is sent as its text if nobody reads it", () => {
    should(sent(entry())).equal(withSource(LONG));
  });

  it("[R13] is sent as its text if somebody reads it or converts it to JSON", () => {
    const looked = entry();
    should(looked._source).eql(JSON.parse(LONG));
    should(looked._source).equal(looked._source);
    should(JSON.parse(JSON.stringify(looked))).eql({
      ...{ _id: "a", _source: JSON.parse(LONG), _version: 1 },
    });
    should(sent(looked)).equal(withSource(LONG));
  });

  it("[R6] is sent as changed: in place, replaced, or removed", () => {
    const changed = entry();
    changed._source.f = 2;
    should(sent(changed)).equal(withSource('{"n":1306415010221662200,"f":2}'));

    const replaced = entry();
    replaced._source = { a: 1 };
    replaced._version = 1;
    should(sent(replaced)).equal(withSource('{"a":1}'));

    const bare = entry();
    delete bare._source;
    should(sent(bare)).equal('{"value":{"_id":"a","_version":1}}');
  });

  it("[D2, R13] is sent as its texts if several members are text", () => {
    const document = parsedWhenSeen<Record<string, unknown>>({
      ...{ document_id: "a", n: RawSource.ofText("1306415010221662247") },
      list: RawSource.ofText("[1.0]"),
    });
    should(document["n"]).equal(Number("1306415010221662247"));
    document["list"] = null;
    should(sent(document)).equal(
      '{"value":{"document_id":"a","n":1306415010221662247,"list":null}}',
    );
  });

  it("is a plain entry after copying", () => {
    const plain = { _id: "a", _source: JSON.parse(LONG), _version: 1 };
    should({ ...entry() }).eql(plain);
    should(_.cloneDeep(entry())._source).eql(plain._source);
    should(Object.keys(entry())).eql(Object.keys(plain));
  });

  it("is unchanged if it holds no text", () => {
    for (const each of ["id", null, { _source: { a: 1 } }]) {
      should(parsedWhenSeen(each)).equal(each);
    }
  });
});
