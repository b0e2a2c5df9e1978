import should from "should";

import { EngineError } from "../../../../lib/core/ports/DocumentStore";
import { json } from "../../../support/FakeEngine";
import { describeOnClients } from "./support/storeOnClients";

describeOnClients("the description of a collection", (given) => {
  const described = (mapping: object, index: object = {}) =>
    json(200, {
      "&nyc.yellow": {
        aliases: {},
        mappings: mapping,
        settings: { index: { uuid: "abc", ...index } },
      },
    });

  it("[W2] reads the mapping through the alias, whatever the index is called", async () => {
    const mapping = { dynamic: "strict", properties: {} };
    given.engine.answers(described(mapping));

    should(await given.store.describe("nyc", "yellow")).eql({
      uuid: "abc",
      mappings: mapping,
      hasPipeline: false,
      ignoreMalformed: false,
    });
    should(given.engine.seen[0]).containEql({
      method: "GET",
      path: "/%40%26nyc.yellow",
    });
  });

  it("[W2] sees pipelines and ignore_malformed in the settings", async () => {
    const rows: Array<[object, boolean, boolean]> = [
      [{ default_pipeline: "p" }, true, false],
      [{ final_pipeline: "p" }, true, false],
      [{ default_pipeline: "_none", final_pipeline: "_none" }, false, false],
      [{ mapping: { ignore_malformed: "true" } }, false, true],
      [{ mapping: { ignore_malformed: "false" } }, false, false],
    ];
    for (const [settings, hasPipeline, ignoreMalformed] of rows) {
      given.engine.answers(described({}, settings));
      should(await given.store.describe("nyc", "yellow")).eql({
        uuid: "abc",
        mappings: {},
        hasPipeline,
        ignoreMalformed,
      });
    }
  });

  /** Of a collection that is or is not recreated after its alias was set. */
  function pinning(isPinned: boolean, later = "abc"): string[] {
    const asked: string[] = [];
    given.engine.answers((response) => {
      const { method, path } = given.engine.seen.at(-1)!;
      asked.push(`${method} ${path}`);
      const uuid = asked.length > 2 ? later : "abc";
      const aliases = isPinned ? { "kuzzle-batch-abc": {} } : {};
      json(200, {
        "&nyc.yellow.7": { aliases, settings: { index: { uuid } } },
      })(response);
    });
    return asked;
  }

  it("[W6] pins a collection with its own alias, once", async () => {
    const asked = pinning(false);
    should(await given.store.pin("nyc", "yellow")).containEql({ uuid: "abc" });
    should(asked).eql([
      "GET /%40%26nyc.yellow",
      "PUT /%26nyc.yellow.7/_alias/kuzzle-batch-abc",
      "GET /kuzzle-batch-abc",
    ]);
    should(pinning(true)).eql([]);
    const again = pinning(true);
    await given.store.pin("nyc", "yellow");
    should(again).eql(["GET /%40%26nyc.yellow"]);
  });

  it("[W6] does not pin one that was recreated meanwhile", async () => {
    pinning(false, "of a later one");
    await should(given.store.pin("nyc", "yellow")).be.rejectedWith(EngineError);
  });

  it("[W6] reads documents of a pinned collection only through that alias", async () => {
    const pinned = given.store.pinnedTo(new Map([["yellow", "abc"]]));
    given.engine.answers(json(200, { docs: [{ _id: "a", found: false }] }));
    await pinned.getRaw([
      { index: "nyc", addresses: [{ collection: "yellow", _id: "a" }] },
    ]);
    should(given.engine.seen[0]?.path).equal("/kuzzle-batch-abc/_mget");
    given.engine.answers(json(200, { took: 1, items: [] }));
    await pinned.bulk(
      [{ index: "nyc", collection: "yellow", items: [] }],
      "false",
    );
    should(given.engine.seen[0]).containEql({
      path: "/kuzzle-batch-abc/_bulk",
      query: { refresh: "false", require_alias: "true" },
    });
  });

  it("has an EngineError where the engine does not tell", async () => {
    const { failure } = await given.failureTo(json(503, {}), () =>
      given.store.describe("nyc", "yellow"),
    );
    should(failure).containEql({ code: "unavailable" });
  });
});
