import { randomBytes } from "node:crypto";

import { startEngines } from "../stack/engines/index";
import { startKuzzle } from "../stack/kuzzle";
import { startMinio } from "../stack/minio";
import { toTerminal as log } from "../stack/progress";
import { exitCode, summary } from "./counts";
import { testEnvironment } from "./features";
import { countMocha } from "./mocha";

/** Short, so that a test can wait for the expiry. */
const EXPIRES_IN_SECONDS = 3;

/** Tests presigned URLs against a storage that verifies them; `args` go to mocha. */
export async function testS3(args: readonly string[]): Promise<number> {
  const accessKeyId = `AK${randomBytes(8).toString("hex")}`;
  const secretAccessKey = randomBytes(20).toString("hex");
  // where the AWS SDK reads them, in Kuzzle's process as well as in the tests'
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;

  const minio = await startMinio({ accessKeyId, secretAccessKey }, log);
  const engines = await startEngines({ fresh: true, log });
  const kuzzle = await startKuzzle({
    engines,
    log,
    config: { plugins: { batch: { presign: presign(minio.url) } } },
  });
  const counts = await countMocha(
    "Presigned URLs",
    ["--config", ".mocharc.s3.json", ...args],
    {
      ...testEnvironment(kuzzle, engines),
      TEST_S3_URL: minio.url,
      TEST_S3_EXPIRES_IN_SECONDS: String(EXPIRES_IN_SECONDS),
    },
  );
  await kuzzle.stop();
  await engines.stop();
  await minio.stop();
  log(summary("presigned URLs", counts));
  return exitCode(counts);
}

function presign(endpoint: string): object {
  return {
    endpoint,
    pathStyle: true,
    expiresInSeconds: EXPIRES_IN_SECONDS,
    allow: [
      {
        index: "media",
        collection: "videos",
        bucket: "content",
        prefix: "videos/",
      },
    ],
  };
}
