import { setImmediate as nextTurn } from "node:timers/promises";

import { isUnicode } from "../../core/validation/items";
import { batchError } from "../../errors";
import type { AllowedPrefix } from "../../types";

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

export interface UrlSigner {
  /** @returns a URL with which anybody can download the object until it expires */
  sign(object: ObjectAddress): Promise<string>;
}

interface Place {
  readonly index: string;
  readonly collection: string;
}

/** How long signing may block the event loop before others get their turn. */
const SLICE_MS = 20;

/** No S3-compatible storage allows longer keys, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1_024;

/** Signs the URLs of blobs where the configuration allows it. */
export class BlobUrls {
  constructor(
    private readonly allow: readonly AllowedPrefix[],
    private readonly maxUrls: number,
    private readonly signer: UrlSigner,
    private readonly logError: (message: string, error: unknown) => void,
  ) {}

  /**
   * For one request, whose documents are signed one after the other. Only the first
   * `maxUrls` objects are signed, each of them once. Others get their turn in between,
   * since a signature takes milliseconds and a document may need thousands.
   *
   * The returned function takes a URL as it stands in a document, `s3://bucket/key`,
   * and returns null if it may not be signed. It throws
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
      // without its message, which may reveal credentials
      const name = error instanceof Error ? error.name : typeof error;
      this.logError("The URLs of blobs could not be signed", name);
      throw batchError("batch.documents.signing_failed", {});
    }
  }
}

/**
 * The object that a URL refers to. Parsed by hand, since `URL` would normalize a key
 * with `..` in it before it could be checked.
 *
 * The key is decoded exactly once: the same text is compared with the allow-list and
 * signed.
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

/** A key that is not well-formed Unicode can't be part of a URL. */
function isKey(text: string): boolean {
  return (
    isUnicode(text) &&
    Buffer.byteLength(text) <= MAX_KEY_BYTES &&
    !isAmbiguous(text)
  );
}

/** Clients, proxies and some storages treat `a/../b` as `b`. */
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
