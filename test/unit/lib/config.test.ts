import should from "should";

import {
  readConfig,
  SETTINGS,
  SWITCHES,
  SWITCH_GROUPS,
  type BatchConfig,
} from "../../../lib/config";

type Name = keyof typeof SETTINGS;

const names = Object.keys(SETTINGS) as Name[];
const switches = Object.keys(SWITCHES) as Array<keyof typeof SWITCHES>;
const groups = Object.keys(SWITCH_GROUPS) as Array<keyof typeof SWITCH_GROUPS>;
const known = [...names, ...switches, ...groups, "presign"];

/** Settings whose other values do not restrict the given one. */
function configWith(name: Name, value: unknown): BatchConfig {
  const around = {
    minConcurrency: 1,
    maxConcurrency: 1_000,
    engineTimeoutMs: SETTINGS.engineTimeoutMs.min,
    journalLeaseMs: SETTINGS.journalLeaseMs.max,
    journalTombstoneMs: SETTINGS.journalTombstoneMs.max,
  };
  return readConfig({ ...around, [name]: value });
}

describe("readConfig", () => {
  it("gives every setting its default", () => {
    const config = readConfig({});
    should(Object.keys(config)).eql(known);
    for (const name of names) {
      should(config[name]).equal(SETTINGS[name].default);
    }
    for (const name of switches) {
      should(config[name]).equal(SWITCHES[name].default);
    }
    should(config).containEql({
      compat: { kuzzle1: true, mixpeek: true },
      native: { mGet: true, mWrite: true, metrics: true },
    });
  });

  it("[G3] has the contract's own bounds for defaults", () => {
    should(readConfig({})).containEql({
      maxLookups: 100_000,
      maxResponseBytes: 64 * 1024 * 1024,
    });
  });

  it("accepts only an object", () => {
    for (const value of [[], null, "4", 4]) {
      (() => readConfig(value as never)).should.throw(/plugins\.batch\b/);
    }
    (() => readConfig({ maxRetries: "4" })).should.throw(/"4"/);
  });

  it("uses the given settings, and defaults for the rest", () => {
    should(readConfig({ maxRetries: 0, engineTimeoutMs: undefined })).eql({
      ...readConfig({}),
      maxRetries: 0,
    });
  });

  for (const name of names) {
    const { min, max } = SETTINGS[name];

    it(`${name}: takes ${min} and ${max}`, () => {
      if (name !== "maxConcurrency") {
        should(configWith(name, min)[name]).equal(min);
      }
      should(configWith(name, max)[name]).equal(max);
    });

    it(`${name}: rejects anything else, and tells what is allowed`, () => {
      const bad = [min - 1, max + 1, min + 0.5, NaN, Infinity]
        .map((value): unknown => value)
        .concat([String(min), null, true, {}, [min]]);
      for (const value of bad) {
        should(() => configWith(name, value)).throw({
          id: "batch.config.invalid",
          message: `plugins.batch.${name} is ${JSON.stringify(value)}; allowed: a whole number from ${min} to ${max}.`,
        });
      }
    });
  }

  it("[W3] leases and tombstones outlast the engine's time-out", () => {
    for (const name of ["journalLeaseMs", "journalTombstoneMs"] as const) {
      should(() => readConfig({ engineTimeoutMs: 500, [name]: 499 })).throw({
        id: "batch.config.invalid",
        message: `plugins.batch.${name} is 499; allowed: at least engineTimeoutMs (500).`,
      });
    }
  });

  it("rejects an unknown name, and lists the known ones", () => {
    for (const name of ["maxRetrys", "toString", "__proto__"]) {
      const given = JSON.parse(`{"${name}":5}`) as Record<string, unknown>;
      should(() => readConfig(given)).throw({
        id: "batch.config.invalid",
        message: `plugins.batch.${name} is 5; allowed: one of ${known.join(", ")}.`,
      });
    }
  });

  it("strictByDefault: accepts true and false, and nothing else", () => {
    for (const value of [true, false]) {
      should(readConfig({ strictByDefault: value }).strictByDefault).equal(
        value,
      );
    }
    for (const value of ["true", 1, null, {}]) {
      should(() => readConfig({ strictByDefault: value })).throw({
        id: "batch.config.invalid",
        message: `plugins.batch.strictByDefault is ${JSON.stringify(value)}; allowed: true or false.`,
      });
    }
  });

  for (const group of groups) {
    const { [group]: all } = readConfig({});

    for (const name of Object.keys(all)) {
      it(`[D4] ${group}.${name}: takes true and false, and nothing else`, () => {
        for (const value of [true, false]) {
          should(readConfig({ [group]: { [name]: value } })[group]).eql({
            ...all,
            [name]: value,
          });
        }
        for (const value of ["true", 1, null, {}]) {
          should(() => readConfig({ [group]: { [name]: value } })).throw({
            id: "batch.config.invalid",
            message: `plugins.batch.${group}.${name} is ${JSON.stringify(value)}; allowed: true or false.`,
          });
        }
      });
    }

    it(`${group}: is an object of its own switches`, () => {
      for (const value of [true, [], null, "off"]) {
        should(() => readConfig({ [group]: value })).throw({
          id: "batch.config.invalid",
          message: `plugins.batch.${group} is ${JSON.stringify(value)}; allowed: an object.`,
        });
      }
      should(() => readConfig({ [group]: { other: true } })).throw({
        id: "batch.config.invalid",
        message: `plugins.batch.${group}.other is true; allowed: one of ${Object.keys(all).join(", ")}.`,
      });
    });
  }

  it("[D4] rejects strictByDefault without its switch", () => {
    should(() =>
      readConfig({ strictByDefault: true, native: { mWrite: false } }),
    ).throw({ id: "batch.config.invalid", message: /strictByDefault is true/ });
  });

  it("rejects presign if nothing signs", () => {
    const presign = {
      allow: [{ index: "i", collection: "c", bucket: "b", prefix: "" }],
    };
    should(() => readConfig({ presign, compat: { mixpeek: false } })).throw({
      id: "batch.config.invalid",
      message: /plugins\.batch\.presign .*nothing without compat\.mixpeek/,
    });
  });

  it("rejects a minimum above its maximum", () => {
    should(() => readConfig({ minConcurrency: 9, maxConcurrency: 8 })).throw({
      id: "batch.config.invalid",
      message: /minConcurrency is 9; allowed: at most maxConcurrency \(8\)/,
    });
    should(readConfig({ minConcurrency: 8 })).containEql({ minConcurrency: 8 });
  });

  it("describes each setting, with its unit", () => {
    for (const name of names) {
      should(SETTINGS[name].description).be.a.String().and.not.empty();
      should(SETTINGS[name].unit).be.a.String().and.not.empty();
      should(SETTINGS[name].default).be.within(
        SETTINGS[name].min,
        SETTINGS[name].max,
      );
    }
  });
});
