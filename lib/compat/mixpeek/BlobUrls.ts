import { setImmediate as nextTurn } from "node:timers/promises";

import { isUnicode } from "../../core/validation/items";
import { batchError } from "../../errors";
import type { AllowedPrefix } from "../../types";

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

export interface UrlSigner {
  /** @returns a URL that lets anybody download the object for a while */
  sign(object: ObjectAddress): Promise<string>;
}

interface Place {
  readonly index: string;
  readonly collection: string;
}

/** How long signing may keep the event loop before others have their turn. */
const SLICE_MS = 20;

/** No S3-compatible storage has a longer key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1_024;

/** Signs the URLs of blobs, where the configuration allows it. */
export class BlobUrls {
  constructor(
    private readonly allow: readonly AllowedPrefix[],
    private readonly maxUrls: number,
    private readonly signer: UrlSigner,
    private readonly logError: (message: string, error: unknown) => void,
  ) {}

  /**
   * For one request, whose documents are signed one after the other: each object
   * is signed once, the first `maxUrls` of them, and in between others have their
   * turn, for a signature takes milliseconds and a document may have thousands.
   *
   * The function that it returns takes a URL as a document has it,
   * `s3://bucket/key`; null is the answer where it may not be signed. It throws
   * `batch.documents.signing_failed`.
   */
  forRequest(): (url: string, place: Place) => Promise<string | null> {
    const signed = new Map<string, string>();
    let sliceStartedAt = performance.now();

    return async (url, place) => {
      if (performance.now() - sliceStartedAt > SLICE_MS) {
        await nextTurn();
        sliceStartedAt = performance.now();
      }
      const object = objectAt(url);
      if (object === undefined || !isAllowed(object, place, this.allow)) {
        return null;
      }
      const name = `${object.bucket}/${object.key}`;
      const known = signed.get(name);
      if (known !== undefined || signed.size === this.maxUrls) {
        return known ?? null;
      }
      const presigned = await this.sign(object);
      signed.set(name, presigned);
      return presigned;
    };
  }

  private async sign(object: ObjectAddress): Promise<string> {
    try {
      return await this.signer.sign(object);
    } catch (error) {
      // not its message, which may tell of credentials
      const name = error instanceof Error ? error.name : typeof error;
      this.logError("The URLs of blobs could not be signed", name);
      throw batchError("batch.documents.signing_failed", {});
    }
  }
}

/**
 * The object that a URL means. Taken apart by hand: `URL` would change a key
 * with `..` in it before anybody has looked at it.
 *
 * The key is what is left when it is decoded, once: the same text is compared
 * with the allow-list and signed.
 */
export function objectAt(url: string): ObjectAddress | undefined {
  const [, bucket, encodedKey] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(url) ?? [];
  if (bucket === undefined || encodedKey === undefined) {
    return undefined;
  }
  const key = decoded(encodedKey);
  return key === undefined || !isKey(key) ? undefined : { bucket, key };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** One that is not text in Unicode can't be part of a URL. */
function isKey(text: string): boolean {
  return (
    isUnicode(text) &&
    Buffer.byteLength(text) <= MAX_KEY_BYTES &&
    !isAmbiguous(text)
  );
}

/** Clients, proxies and some storages take `a/../b` for `b`. */
function isAmbiguous(key: string): boolean {
  const parts = key.split(/[/\\]/);
  // eslint-disable-next-line no-control-regex
  return parts.includes("..") || parts.includes(".") || /[\0-\x1f]/.test(key);
}

function isAllowed(
  { bucket, key }: ObjectAddress,
  { index, collection }: Place,
  allow: readonly AllowedPrefix[],
): boolean {
  return allow.some(
    (rule) =>
      rule.index === index &&
      rule.collection === collection &&
      rule.bucket === bucket &&
      key.startsWith(rule.prefix),
  );
}
