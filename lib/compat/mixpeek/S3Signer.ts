import { createRequire } from "node:module";

import type * as S3 from "@aws-sdk/client-s3";
import type * as Presigner from "@aws-sdk/s3-request-presigner";

import { configError } from "../../errors";

export interface S3Options {
  /** undefined: the endpoint of AWS */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
  readonly expiresInSeconds: number;
}

type Load = Pick<NodeJS.Require, "resolve"> & ((name: string) => unknown);

const CLIENT = "@aws-sdk/client-s3";
const PRESIGNER = "@aws-sdk/s3-request-presigner";

/**
 * Signs URLs with the official AWS SDK, which is only loaded for the first one: it is
 * large, and most applications do not need it.
 *
 * The SDK finds the credentials itself (environment, profile, role); the plugin never
 * sees them.
 */
export class S3Signer {
  private signing:
    | {
        readonly client: S3.S3Client;
        readonly GetObjectCommand: typeof S3.GetObjectCommand;
        readonly getSignedUrl: typeof Presigner.getSignedUrl;
      }
    | undefined;

  /** @throws {BatchError} `batch.config.invalid` when the SDK is not installed */
  constructor(
    private readonly options: S3Options,
    private readonly load: Load = createRequire(__filename),
  ) {
    for (const name of [CLIENT, PRESIGNER]) {
      assertInstalled(name, load);
    }
  }

  sign({ bucket, key }: { bucket: string; key: string }): Promise<string> {
    const { client, GetObjectCommand, getSignedUrl } = (this.signing ??=
      this.prepare());

    return getSignedUrl(
      client,
      new GetObjectCommand({ Bucket: bucket, Key: key }),
      { expiresIn: this.options.expiresInSeconds },
    );
  }

  private prepare(): NonNullable<S3Signer["signing"]> {
    const { S3Client, GetObjectCommand } = this.load(CLIENT) as typeof S3;
    const { getSignedUrl } = this.load(PRESIGNER) as typeof Presigner;
    const { endpoint, region, pathStyle } = this.options;
    const client = new S3Client({
      region,
      forcePathStyle: pathStyle,
      ...(endpoint !== undefined && { endpoint }),
      // storages other than AWS do not know its checksums
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    return { client, GetObjectCommand, getSignedUrl };
  }
}

function assertInstalled(name: string, load: Load): void {
  try {
    load.resolve(name);
  } catch {
    throw configError(
      "plugins.batch.presign",
      `set, and ${name} is not installed`,
      `only with ${CLIENT} and ${PRESIGNER}`,
    );
  }
}
