import { batchError } from "../../errors";
import { membersOf } from "../../core/validation/jsonObject";
import type { Source } from "../../types";
import { RawSource } from "../../core/RawSource";
import type { GetResult } from "../../core/commands";
import type { FoundDocument } from "../../core/documents";
import { notReturned } from "../../api/response/answers";
import { isObject } from "../../core/validation/items";

/** A document in the form of Mixpeek's API: these keys first, then its own. */
export interface MixpeekDocument {
  readonly document_id: string;
  readonly collection_id: string;
  readonly document_blobs: readonly DocumentBlob[];
  readonly _internal: Source;
  readonly _vectors: readonly string[];
  readonly [field: string]: unknown;
}

/** A file that a document refers to; unknown properties are null. */
export interface DocumentBlob {
  readonly field: string | null;
  readonly url: string | null;
  readonly role: string | null;
  readonly type: string | null;
  readonly filename: string | null;
  readonly size_bytes: number | null;
  readonly content_type: string | null;
  readonly checksum: string | null;
  /** ISO 8601 */
  readonly created_at: string | null;
  readonly source_blob_id: string | null;
  readonly presigned_url: string | null;
}

/** @returns null if the URL may not be signed */
export type SignUrl = (
  url: string,
  document: FoundDocument,
) => Promise<string | null>;

/**
 * The response can hold found and missing documents, but no others.
 *
 * @throws `batch.documents.*` or `batch.response.too_large` when there are others, with
 * an entry for each
 */
export function assertFoundOrMissing(result: GetResult): void {
  const errors = notReturned(result).filter(({ code }) => code !== "not_found");
  if (errors.length === 0) {
    return;
  }
  const parameters = {
    count: errors.length,
    requested: result.stats.requested,
  };
  const isOnly = (...codes: string[]): boolean =>
    errors.every(({ code }) => codes.includes(code));

  if (isOnly("forbidden")) {
    throw batchError("batch.documents.forbidden", parameters, errors);
  }
  if (isOnly("too_large", "forbidden")) {
    throw batchError("batch.response.too_large", parameters, errors);
  }
  throw batchError("batch.documents.incomplete", parameters, errors);
}

export async function toMixpeekDocument(
  document: FoundDocument,
  sign: SignUrl,
): Promise<MixpeekDocument> {
  const { _kuzzle_info, document_blobs, _internal, _vectors, ...own } =
    fieldsOf(document);
  const reserved = {
    document_id: document._id,
    collection_id: document.collection,
    document_blobs: await toBlobs(document_blobs, document, sign),
    _internal: toInternal(_internal, _kuzzle_info, document),
    _vectors: Array.isArray(_vectors) ? _vectors.filter(isText) : [],
  };
  // first for the order of the keys, last to override fields of these names
  return { ...reserved, ...own, ...reserved };
}

/** The fields of a source; those that are not read stay JSON text. */
function fieldsOf({ _source = {} }: FoundDocument): Source {
  if (!(_source instanceof RawSource)) {
    return _source;
  }
  return Object.fromEntries(
    [...membersOf(_source.toString())].map(([name, text]) => [
      name,
      PARSED.has(name) ? (JSON.parse(text) as unknown) : RawSource.ofText(text),
    ]),
  );
}

const PARSED = new Set([
  "_kuzzle_info",
  "document_blobs",
  "_internal",
  "_vectors",
]);

async function toBlobs(
  stored: unknown,
  document: FoundDocument,
  sign: SignUrl,
): Promise<DocumentBlob[]> {
  const blobs: DocumentBlob[] = [];
  for (const blob of Array.isArray(stored) ? stored.filter(isObject) : []) {
    const url = textOf(blob.url);
    blobs.push({
      field: textOf(blob.field),
      url,
      role: textOf(blob.role),
      type: textOf(blob.type),
      filename: textOf(blob.filename),
      size_bytes: Number.isFinite(blob.size_bytes)
        ? Number(blob.size_bytes)
        : null,
      content_type: textOf(blob.content_type),
      checksum: textOf(blob.checksum),
      created_at: dateOf(blob.created_at),
      source_blob_id: textOf(blob.source_blob_id),
      presigned_url: url === null ? null : await sign(url, document),
    });
  }
  return blobs;
}

/**
 * All of Mixpeek's keys: the document's own values, completed with what Kuzzle knows.
 */
function toInternal(
  stored: unknown,
  kuzzleInfo: unknown,
  { _id, index, collection }: FoundDocument,
): Source {
  const known = isObject(stored) ? stored : {};
  const info = isObject(kuzzleInfo) ? kuzzleInfo : {};
  const createdAt = dateOf(known.created_at) ?? dateOf(info.createdAt);

  return {
    ...known,
    collection_id: known.collection_id ?? collection,
    created_at: createdAt,
    document_id: known.document_id ?? _id,
    internal_id: known.internal_id ?? null,
    lineage: known.lineage ?? null,
    metadata: known.metadata ?? null,
    modality: known.modality ?? null,
    namespace_id: known.namespace_id ?? index,
    updated_at: dateOf(known.updated_at) ?? dateOf(info.updatedAt) ?? createdAt,
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function textOf(value: unknown): string | null {
  return isText(value) ? value : null;
}

/**
 * A date stored as text is returned as it is; Kuzzle stores milliseconds since 1970.
 */
function dateOf(value: unknown): string | null {
  if (typeof value !== "number") {
    return textOf(value);
  }
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
