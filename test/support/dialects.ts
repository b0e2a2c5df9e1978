import type { ControllerDefinition } from "kuzzle";

import type { BlobUrls } from "../../lib/api/blobUrls";
import { documentsController } from "../../lib/api/DocumentsController";
import type { KuzzleServices } from "../../lib/api/services";
import { v1Controller } from "../../lib/api/V1Controller";
import { NO_INSTRUMENTS } from "./controller";
import type { FakeStore } from "./FakeStore";
import { testEngine } from "./testEngine";

interface DialectOptions {
  readonly blobUrls?: BlobUrls;
  readonly maxResponseBytes?: number;
}

/** The controllers of the dialects, on a store in memory. */
export function dialectsWith(
  store: FakeStore,
  kuzzle: KuzzleServices,
  { blobUrls, maxResponseBytes = 1024 * 1024 }: DialectOptions = {},
): { v1: ControllerDefinition; documents: ControllerDefinition } {
  const engine = testEngine(store);
  const limits = { maxLookups: 1_000, maxResponseBytes };

  return {
    v1: v1Controller(kuzzle, engine, NO_INSTRUMENTS, limits),
    documents: documentsController(
      kuzzle,
      engine,
      NO_INSTRUMENTS,
      limits,
      blobUrls,
    ),
  };
}
