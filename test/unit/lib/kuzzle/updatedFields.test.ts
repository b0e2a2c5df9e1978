import fc from "fast-check";
import extractFields from "kuzzle/dist/lib/util/extractFields";
import should from "should";

import { updatedFields } from "../../../../lib/kuzzle/events/updatedFields";

describe("updatedFields", () => {
  it("[U1] lists the paths of the leaves", () => {
    should(
      updatedFields({ a: { b: 1, c: { d: null } }, e: [{ f: 1 }], g: "" }),
    ).eql(["a.b", "a.c.d", "e", "g"]);
  });

  it("[U1] leaves the metadata out", () => {
    should(updatedFields({ a: 1, _kuzzle_info: { updater: "x" } })).eql(["a"]);
  });

  it("[U1] is what Kuzzle's own notifications list, for any body", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()),
        (body) => {
          should(updatedFields(body)).eql(
            extractFields(body, { fieldsToIgnore: ["_kuzzle_info"] }),
          );
        },
      ),
    );
  });
});
