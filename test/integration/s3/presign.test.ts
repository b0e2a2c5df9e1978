/**
 * Presigned URLs as a client gets and uses them: through Kuzzle, and from a storage that
 * verifies signatures. Run by `npm run test:s3`.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import {
  CreateBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import should from "should";

const KUZZLE = `http://${required("TEST_KUZZLE_HOST")}:${required("TEST_KUZZLE_PORT")}`;
const EXPIRES_IN_SECONDS = Number(required("TEST_S3_EXPIRES_IN_SECONDS"));
const SIGNATURE = "X-Amz-Signature";
const SECRET = required("AWS_SECRET_ACCESS_KEY");

const CONTENT: Record<string, string> = {
  "videos/plain.txt": "plain",
  "videos/deep/a b+c&d=é%2e.txt": "odd",
  "videos/other.txt": "other",
  "secret/plan.txt": "secret",
};

function required(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run npm run test:s3`);
  return value;
}

async function kuzzle(
  method: string,
  path: string,
  body: unknown,
): Promise<any> {
  const response = await fetch(KUZZLE + path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: any = await response.json();
  assert.ok(response.ok, `${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** The presigned URLs of a document's blobs, by key. */
async function presignedUrls(
  document_id: string,
  return_presigned_urls = true,
): Promise<Array<string | null>> {
  const { documents } = await kuzzle(
    "POST",
    "/v1/documents/batch-get?namespace=media",
    { document_ids: [document_id], return_presigned_urls },
  );
  return documents[0].document_blobs.map((blob: any) => blob.presigned_url);
}

async function download(
  url: string | null | undefined,
  method = "GET",
): Promise<{ status: number; text: string }> {
  assert.ok(typeof url === "string", "nothing was signed");
  const response = await fetch(url, { method });
  return { status: response.status, text: await response.text() };
}

function changed(url: string, change: (url: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

async function store(
  collection: string,
  documents: Record<string, string[]>,
): Promise<void> {
  for (const [_id, urls] of Object.entries(documents)) {
    await kuzzle("POST", `/media/${collection}/${_id}/_create`, {
      document_blobs: urls.map((url) => ({ field: "video", url })),
    });
  }
}

describe("presigned URLs", () => {
  const url = async (document_id: string): Promise<string> => {
    const [first] = await presignedUrls(document_id);
    assert.ok(typeof first === "string", "nothing was signed");
    return first;
  };

  before(async () => {
    const s3 = new S3Client({
      region: "us-east-1",
      endpoint: required("TEST_S3_URL"),
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: "content" }));
    for (const [Key, Body] of Object.entries(CONTENT)) {
      await s3.send(new PutObjectCommand({ Bucket: "content", Key, Body }));
    }
    await kuzzle("POST", "/media/_create", {});
    for (const collection of ["videos", "covers"]) {
      await kuzzle("PUT", `/media/${collection}`, {
        mappings: { dynamic: "true" },
      });
    }
    await store("videos", {
      plain: ["s3://content/videos/plain.txt"],
      odd: ["s3://content/videos/deep/a%20b%2Bc%26d%3D%C3%A9%252e.txt"],
      refused: [
        "s3://content/secret/plan.txt",
        "s3://content/videos/../secret/plan.txt",
        "s3://content/videos/%2e%2e/secret/plan.txt",
        "s3://elsewhere/videos/plain.txt",
      ],
    });
    await store("covers", { cover: ["s3://content/videos/plain.txt"] });
  });

  it("[D2] download the object without any credentials", async () => {
    should(await download(await url("plain"))).eql({
      status: 200,
      text: "plain",
    });
  });

  it("[D2] download an object whose key has to be encoded", async () => {
    should(await download(await url("odd"))).eql({ status: 200, text: "odd" });
  });

  it("[D2] are rejected with a changed signature", async () => {
    const signed = await url("plain");
    const signature = String(new URL(signed).searchParams.get(SIGNATURE));
    const lastDigit = signature.endsWith("0") ? "1" : "0";

    for (const forged of ["0".repeat(64), signature.slice(0, -1) + lastDigit]) {
      const { status, text } = await download(
        changed(signed, ({ searchParams }) =>
          searchParams.set(SIGNATURE, forged),
        ),
      );
      should(status).equal(403);
      should(text).containEql("SignatureDoesNotMatch");
    }
  });

  it("[D2] are rejected for another key, an allowed one and a secret one", async () => {
    const signed = await url("plain");
    for (const pathname of [
      "/content/videos/other.txt",
      "/content/secret/plan.txt",
      "/content/",
    ]) {
      const { status } = await download(
        changed(signed, (copy) => (copy.pathname = pathname)),
      );
      should(status).equal(403);
    }
  });

  it("[D2] are rejected with a longer expiry, and for writing", async () => {
    const signed = await url("plain");
    const longer = changed(signed, ({ searchParams }) =>
      searchParams.set("X-Amz-Expires", "3600"),
    );
    should((await download(longer)).status).equal(403);
    for (const method of ["PUT", "DELETE"]) {
      should((await download(signed, method)).status).equal(403);
    }
    should((await download(await url("plain"))).status).equal(200);
  });

  it("[D2] are rejected after their expiry", async () => {
    const signed = await url("plain");
    should((await download(signed)).status).equal(200);

    await sleep((EXPIRES_IN_SECONDS + 1.5) * 1_000);
    should((await download(signed)).status).equal(403);
  });

  it("[D2] are null where the configuration does not allow them", async () => {
    should(await presignedUrls("refused")).eql([null, null, null, null]);
    should(await presignedUrls("cover")).eql([null]);
    should(await presignedUrls("plain", false)).eql([null]);
  });

  it("[D2] reveal no secret: not in the URL, the log, or the configuration that Kuzzle shows", async () => {
    should(await url("plain")).not.containEql(SECRET);
    should(
      JSON.stringify(
        await kuzzle("POST", "/_query", {
          controller: "server",
          action: "getConfig",
        }),
      ),
    ).not.containEql(SECRET);
    should(readFileSync(required("TEST_KUZZLE_LOG"), "utf8")).not.containEql(
      SECRET,
    );
  });
});
