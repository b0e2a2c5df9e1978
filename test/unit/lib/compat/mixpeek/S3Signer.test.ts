import { createRequire } from "node:module";

import should from "should";

import { S3Signer } from "../../../../../lib/compat/mixpeek/S3Signer";

const OPTIONS = {
  endpoint: "http://storage.example.com:9000",
  region: "us-east-1",
  pathStyle: true,
  expiresInSeconds: 120,
};
const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI",
};

/** Where packages are looked up, and which of them were loaded. */
function loader(missing: readonly string[] = []) {
  const loaded: string[] = [];
  const real = createRequire(__filename);
  const load = Object.assign(
    (name: string): unknown => {
      loaded.push(name);
      return real(name);
    },
    {
      resolve: Object.assign(
        (name: string) => {
          if (missing.includes(name)) {
            throw new Error(`Cannot find module ${name}`);
          }
          return real.resolve(name);
        },
        { paths: () => null },
      ),
    },
  );
  return { load, loaded };
}

describe("S3Signer", () => {
  const before_ = { ...process.env };

  before(() => Object.assign(process.env, KEYS));

  after(() => {
    for (const name of Object.keys(KEYS)) {
      if (before_[name] === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = before_[name];
      }
    }
  });

  it("[D2] signs a GET of just this object, for the time that is set", async () => {
    const signed = await new S3Signer(OPTIONS).sign({
      bucket: "open",
      key: "videos/a b/é%2e.mp4",
    });
    const url = new URL(signed);

    should(url.origin).equal(OPTIONS.endpoint);
    should(url.pathname).equal("/open/videos/a%20b/%C3%A9%252e.mp4");
    should(url.searchParams.get("X-Amz-Expires")).equal("120");
    should(url.searchParams.get("X-Amz-Signature")).match(/^[0-9a-f]{64}$/);
    should(signed).not.containEql(KEYS.AWS_SECRET_ACCESS_KEY);
  });

  it("has the bucket in the host unless it is in the path", async () => {
    const signer = new S3Signer({ ...OPTIONS, pathStyle: false });
    const url = new URL(await signer.sign({ bucket: "open", key: "a" }));

    should(url.host).equal("open.storage.example.com:9000");
    should(url.pathname).equal("/a");
  });

  it("loads the SDK with the first URL, and once", async () => {
    const { load, loaded } = loader();
    const signer = new S3Signer(OPTIONS, load);
    should(loaded).eql([]);

    await signer.sign({ bucket: "open", key: "a" });
    await signer.sign({ bucket: "open", key: "b" });
    should(loaded.sort()).eql([
      "@aws-sdk/client-s3",
      "@aws-sdk/s3-request-presigner",
    ]);
  });

  for (const name of ["@aws-sdk/client-s3", "@aws-sdk/s3-request-presigner"]) {
    it(`stops the start when ${name} is not installed`, () => {
      should(() => new S3Signer(OPTIONS, loader([name]).load)).throw({
        id: "batch.config.invalid",
        message: new RegExp(`plugins.batch.presign is .*${name}`),
      });
    });
  }
});
