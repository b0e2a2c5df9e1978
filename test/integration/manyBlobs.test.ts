/**
 * Documents with more and stranger blobs than anybody would sign, which must not affect
 * other callers. No storage is needed, because URLs are signed without one.
 */
import _ from "lodash";
import should from "should";

import { storeText } from "../../features/support/bytes";
import {
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import type { RunningKuzzle } from "../../scripts/stack/kuzzle";
import { startSecondKuzzle } from "./support/behindProxy";
import { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";

const PLACE = { index: "many-blobs", collection: "videos" };
const ADDRESS = `${PLACE.index}:${PLACE.collection}`;
const ALIAS = encodeURIComponent(`@&${PLACE.index}.${PLACE.collection}`);
const BLOBS = 9_000;
/** The default. */
const MAX_URLS = 1_000;
/** Share of the signing time; it would be nearly all of it without turns for others. */
const MAX_WAIT = 0.5;

/** Well-formed credentials; nobody verifies what they sign. */
const ENV = {
  AWS_ACCESS_KEY_ID: "AKMANYBLOBS",
  AWS_SECRET_ACCESS_KEY: "many blobs, and no storage",
};

type Signed = ReadonlyArray<string | null>;

describe("blobs of a document", function () {
  this.timeout(60_000);

  let running: RunningKuzzle;
  let kuzzle: KuzzleAsAdmin;

  before(async () => {
    await createCollection(ADDRESS, { dynamic: "false" });
    const presign = {
      allow: [{ ...PLACE, bucket: "content", prefix: "videos/" }],
    };
    running = await startSecondKuzzle("kuzzle-of-many-blobs", { presign }, ENV);
    kuzzle = new KuzzleAsAdmin(running);
  });

  after(async () => {
    await running?.stop();
    await releaseCollection(ADDRESS, false);
  });

  /** @param urls as text in JSON */
  async function store(_id: string, urls: readonly string[]): Promise<void> {
    const blobs = urls.map((url) => `{"url":"${url}"}`).join();
    await storeText(ALIAS, _id, `{"document_blobs":[${blobs}]}`);
  }

  async function sign(...ids: readonly string[]): Promise<Signed[]> {
    const answer: unknown = await kuzzle.query({
      ...{ controller: "batch/documents", action: "batchGet" },
      namespace: PLACE.index,
      body: { document_ids: ids, return_presigned_urls: true },
    });
    should(answer).have.property("documents");
    const { documents } = answer as {
      documents: ReadonlyArray<{
        document_blobs: ReadonlyArray<{ presigned_url: string | null }>;
      }>;
    };
    return documents.map(({ document_blobs: blobs }) =>
      blobs.map(({ presigned_url: url }) => url),
    );
  }

  /** How long `work` takes, and the longest wait of another caller meanwhile, in ms. */
  async function beside(
    work: () => Promise<void>,
  ): Promise<{ total: number; longestWait: number }> {
    let isOver = false;
    const startedAt = performance.now();
    const working = work().finally(() => (isOver = true));
    let longestWait = 0;
    while (!isOver) {
      const askedAt = performance.now();
      // Kuzzle answers it without Redis or the engine, so few turns are enough
      await (await fetch(running.url, { method: "OPTIONS" })).text();
      longestWait = Math.max(longestWait, performance.now() - askedAt);
    }
    await working;
    return { total: performance.now() - startedAt, longestWait };
  }

  it(`[D2, R14] ${BLOBS} of them are signed up to a bound, and others have their turn meanwhile`, async () => {
    const urls = _.range(BLOBS).map((n) => `s3://content/videos/${n}.mp4`);
    await store("many", urls);
    await store("few", ["s3://content/videos/few.mp4"]);
    await sign("few"); // loading modules on first use is not part of the test
    let signed: Signed[] = [];
    const { total, longestWait } = await beside(async () => {
      signed = await sign("few", "many");
    });

    const [few, many] = signed as [Signed, Signed];
    should(few).matchEach(/few\.mp4\?.*X-Amz-Signature=/);
    should(many).have.length(BLOBS);
    const last = MAX_URLS - 2; // the first one belongs to the other document
    should(many[0]).match(/videos\/0\.mp4\?.*X-Amz-Signature=/);
    should(many[last]).match(/X-Amz-Signature=/);
    should(_.compact(many)).have.length(last + 1);
    should(longestWait).be.below(MAX_WAIT * total);
  });

  it("[D2, R14] a URL that is not Unicode is not signed, and affects no other", async () => {
    const odd = ["\\ud800", "%ED%A0%80", "\\udc00\\ud800", "%u"];
    await store("odd", [
      ...odd.map((each) => `s3://content/videos/${each}`),
      "s3://content/videos/last",
    ]);
    await store("sound", ["s3://content/videos/\\ud83d\\ude42"]);
    const [ofOdd, ofSound] = (await sign("odd", "sound")) as [Signed, Signed];

    should(ofOdd.slice(0, odd.length)).matchEach((url) =>
      should(url).be.null(),
    );
    should(ofOdd[odd.length]).match(/X-Amz-Signature=/);
    should(ofSound[0]).match(/%F0%9F%99%82\?.*X-Amz-Signature=/);
  });
});
