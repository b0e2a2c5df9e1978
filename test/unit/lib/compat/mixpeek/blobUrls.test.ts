import should from "should";
import sinon from "sinon";

import {
  BlobUrls,
  objectAt,
  type ObjectAddress,
} from "../../../../../lib/compat/mixpeek/BlobUrls";

const PLACE = { index: "media", collection: "videos" };
const SECRET = "wJalrXUtnFEMI/K7MDENG";

function blobUrls(
  sign = async ({ bucket, key }: ObjectAddress) => `signed:${bucket}/${key}`,
  maxUrls = 1_000,
) {
  const logError = sinon.stub<[string, unknown], void>();
  const allow = [
    { ...PLACE, bucket: "open", prefix: "videos/" },
    { index: "media", collection: "covers", bucket: "whole", prefix: "" },
  ];
  const urls = new BlobUrls(allow, maxUrls, { sign }, logError);
  return { logError, sign: urls.forRequest() };
}

describe("the URLs of blobs", () => {
  const ALLOWED: Array<[string, string]> = [
    ["s3://open/videos/a.mp4", "videos/a.mp4"],
    ["s3://open/videos/2024/a b.mp4", "videos/2024/a b.mp4"],
    ["s3://open/videos/a%20b.mp4", "videos/a b.mp4"],
    ["s3://open/videos%2Fa.mp4", "videos/a.mp4"],
    ["s3://open/videos/%C3%A9.mp4", "videos/é.mp4"],
    ["s3://open/videos/a?b#c", "videos/a?b#c"],
    // decoded once: what remains is a name with two encoded dots
    ["s3://open/videos/%252e%252e/a", "videos/%2e%2e/a"],
  ];
  for (const [url, key] of ALLOWED) {
    it(`[D2] signs ${url} as it is when decoded`, async () => {
      should(await blobUrls().sign(url, PLACE)).equal(`signed:open/${key}`);
    });
  }

  const REFUSED = [
    "s3://open/secret/a.mp4",
    "s3://open/videos",
    "s3://open/videos-of-others/a.mp4",
    "s3://open/Videos/a.mp4",
    "s3://whole/videos/a.mp4",
    "s3://open.evil/videos/a.mp4",
    "s3://open//videos/a.mp4",
    "s3://open/videos/../secret/a.mp4",
    "s3://open/videos/%2e%2e/secret/a.mp4",
    "s3://open/videos/%2E%2E%2Fsecret/a.mp4",
    "s3://open/videos/..%5Csecret",
    "s3://open/./videos/a.mp4",
    "s3://open/videos/./a.mp4",
    "s3://open/videos/a%00.mp4",
    "s3://open/videos/a%0d%0ax",
    "s3://open/videos/%zz",
    "s3://open/secret%2Fvideos/a.mp4",
    "s3://open/videos/\ud800",
    `s3://open/videos/${"a".repeat(1_024)}`,
    "s3://open/%76ideos-of-others/a",
    "S3://open/videos/a.mp4",
    "https://open/videos/a.mp4",
    "file:///videos/a.mp4",
    "s3://open/",
    "s3://open",
    "s3:///videos/a.mp4",
    "",
  ];
  for (const url of REFUSED) {
    it(`[D2] does not sign ${JSON.stringify(url)}`, async () => {
      const sign = sinon.spy(async () => "signed");
      should(await blobUrls(sign).sign(url, PLACE)).be.null();
      sinon.assert.notCalled(sign);
    });
  }

  it("[D2] signs for the collection that the prefix is allowed to, and for no other", async () => {
    const { sign } = blobUrls();
    const url = "s3://open/videos/a.mp4";

    for (const place of [
      { index: "media", collection: "covers" },
      { index: "other", collection: "videos" },
    ]) {
      should(await sign(url, place)).be.null();
    }
    should(
      await sign("s3://whole/x", { index: "media", collection: "covers" }),
    ).equal("signed:whole/x");
  });

  it("[D2] fails as a whole when the SDK cannot sign, and reveals nothing", async () => {
    const { sign, logError } = blobUrls(async () => {
      const error = new Error(`no luck with ${SECRET}`);
      error.name = "CredentialsProviderError";
      throw error;
    });
    const failure: unknown = await sign("s3://open/videos/a", PLACE).catch(
      (error: unknown) => error,
    );

    should(failure).containEql({
      id: "batch.documents.signing_failed",
      status: 503,
    });
    should(JSON.stringify(failure)).not.containEql(SECRET);
    sinon.assert.calledOnce(logError);
    should(logError.firstCall.args).containEql("CredentialsProviderError");
    should(JSON.stringify(logError.args)).not.containEql(SECRET);
  });

  it("[R14] signs each object once, and so many for one request", async () => {
    const signer = sinon.spy(async ({ key }: ObjectAddress) => key);
    const { sign } = blobUrls(signer, 2);
    const signed: Array<string | null> = [];
    for (const key of ["a", "b", "c", "%61", "b"]) {
      signed.push(await sign(`s3://open/videos/${key}`, PLACE));
    }

    should(signed).eql(["videos/a", "videos/b", null, "videos/a", "videos/b"]);
    should(signer.callCount).equal(2);
  });

  it("[R14] lets others have their turn while it signs", async () => {
    const { sign } = blobUrls(async ({ key }) => {
      const until = performance.now() + 15;
      while (performance.now() < until);
      return key;
    });
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    for (let i = 0; i < 10; i++) {
      await sign(`s3://open/videos/${i}`, PLACE);
    }
    clearInterval(others);

    should(turns).be.aboveOrEqual(3);
  });

  it("parses a URL by its own rule, because URL would change it", () => {
    should(objectAt("s3://b/a//c")).eql({ bucket: "b", key: "a//c" });
    should(objectAt("s3://b/a\nc")).be.undefined();
  });
});
