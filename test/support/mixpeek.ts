/** Requests to `batch/documents:batchGet`, and what is stored for them. */
import type { KuzzleRequest } from "kuzzle";

import { BlobUrls } from "../../lib/compat/mixpeek/BlobUrls";
import { MIXPEEK_SOURCE } from "../fixtures/seeds";
import { run } from "./controller";
import { compatibilityWith } from "./compatibility";
import { FakeStore } from "./FakeStore";
import { kuzzleRequest, kuzzleServices } from "./request";

export const INFO = { createdAt: 1761904800000, updatedAt: 1761904801000 };

export function storeWith(documents: Record<string, Record<string, unknown>>) {
  const store = new FakeStore();
  for (const [place, source] of Object.entries(documents)) {
    const [collection = "", _id = ""] = place.split("/");
    store.put(collection, _id, source);
  }
  return store;
}

export const STORED = {
  "yellow/a": { ...MIXPEEK_SOURCE, title: "A", _kuzzle_info: INFO },
  "green/b": { title: "B" },
};

export function requestOf(
  body: unknown,
  {
    headers = { "x-namespace": "nyc" },
    args = {},
    ...options
  }: Parameters<typeof kuzzleRequest>[1] & {
    headers?: Record<string, string>;
    args?: Record<string, unknown>;
  } = {},
): KuzzleRequest {
  const request = kuzzleRequest(
    { controller: "batch/documents", action: "batchGet", body, ...args },
    options,
  );
  request.input.headers = headers;
  return request;
}

export function send(
  request: KuzzleRequest,
  {
    store = storeWith(STORED),
    kuzzle = kuzzleServices(),
    ...options
  }: {
    store?: FakeStore;
    kuzzle?: ReturnType<typeof kuzzleServices>;
    blobUrls?: BlobUrls;
    maxResponseBytes?: number;
  } = {},
): Promise<any> {
  return run(compatibilityWith(store, kuzzle, options).documents, request);
}

export const ids = (...document_ids: unknown[]) => ({ document_ids });

export function signing(): BlobUrls {
  return new BlobUrls(
    [
      {
        index: "nyc",
        collection: "yellow",
        bucket: "bkt-content",
        prefix: "segments/",
      },
    ],
    1_000,
    { sign: async ({ bucket, key }) => `https://${bucket}/${key}?signed` },
    () => undefined,
  );
}
