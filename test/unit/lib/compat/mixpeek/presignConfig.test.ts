import should from "should";

import { readConfig } from "../../../../../lib/config";
import { PRESIGN_SETTINGS } from "../../../../../lib/compat/mixpeek/presignConfig";

const RULE = {
  index: "media",
  collection: "videos",
  bucket: "open",
  prefix: "videos/",
};

function read(presign: unknown) {
  return readConfig({ presign }).presign;
}

describe("the configuration of presigned URLs", () => {
  it("[D2] signs nothing if nothing is configured", () => {
    should(readConfig({}).presign).be.undefined();
  });

  it("completes the configuration, with a short expiry by default", () => {
    should(read({ allow: [RULE] })).eql({
      allow: [RULE],
      endpoint: undefined,
      region: "us-east-1",
      pathStyle: false,
      expiresInSeconds: 300,
      maxUrls: 1_000,
    });
  });

  it("accepts any S3-compatible endpoint, and a whole bucket", () => {
    const given = {
      allow: [RULE, { ...RULE, prefix: "" }],
      endpoint: "http://127.0.0.1:9000",
      region: "eu-west-3",
      pathStyle: true,
      expiresInSeconds: 1,
      maxUrls: 5,
    };
    should(read(given)).eql(given);
  });

  const MISTAKES: Array<[string, unknown, RegExp]> = [
    ["presign", "yes", /presign is "yes"; allowed: an object/],
    ["presign", null, /presign is null; allowed: an object/],
    ["allow", undefined, /allow is undefined; allowed: a list of one or more/],
    ["allow", [], /allow is \[\]/],
    ["allow", [{ ...RULE, prefix: "videos" }], /ends with a slash/],
    ["allow", [{ ...RULE, collection: "" }], /allow is /],
    ["allow", [{ ...RULE, index: 7 }], /allow is /],
    ["allow", [{ ...RULE, bukkit: "open" }], /allow is /],
    ["allow", [null], /allow is /],
    ["endpoint", "storage", /endpoint is "storage"; allowed: an http or https/],
    ["endpoint", "ftp://storage", /endpoint is /],
    ["region", "", /region is ""/],
    ["pathStyle", "true", /pathStyle is "true"; allowed: true or false/],
    ["expiresInSeconds", 0, /is 0; allowed: a whole number from 1 to 3600/],
    ["expiresInSeconds", 3601, /is 3601/],
    ["expiresInSeconds", "60", /is "60"/],
    ["maxUrls", 0, /is 0; allowed: a whole number from 1 to 100000/],
  ];
  for (const [name, value, message] of MISTAKES) {
    it(`rejects ${name}: ${JSON.stringify(value)}, with the value and what is allowed`, () => {
      const presign =
        name === "presign" ? value : { allow: [RULE], [name]: value };
      should(() => read(presign)).throw({
        id: "batch.config.invalid",
        message,
      });
    });
  }

  it("[D2] shows no secret that somebody configured", () => {
    const secret = "wJalrXUtnFEMI";
    for (const presign of [
      { allow: [RULE], credentials: { secretAccessKey: secret } },
      { allow: [RULE], secretAccessKey: secret },
      { allow: [RULE], endpoint: `https://user:${secret}@storage` },
      { allow: [RULE], endpoint: `https://storage?key=${secret}` },
    ]) {
      let message = "";
      try {
        read(presign);
      } catch (error) {
        message = String(error);
      }
      should(message).containEql("plugins.batch.presign");
      should(message).not.containEql(secret);
    }
  });

  it("describes each setting", () => {
    for (const { description, allowed } of Object.values(PRESIGN_SETTINGS)) {
      should(description).not.be.empty();
      should(allowed).not.be.empty();
    }
  });
});
