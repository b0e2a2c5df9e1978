import type { ControllerDefinition } from "kuzzle";

import type { BlobUrls } from "../../lib/api/blobUrls";
import { documentsController } from "../../lib/api/DocumentsController";
import type { KuzzleServices } from "../../lib/api/services";
import { v1Controller } from "../../lib/api/V1Controller";
import { actionsWith } from "./controller";
import type { FakeStore } from "./FakeStore";

interface DialectOptions {
  readonly blobUrls?: BlobUrls;
  readonly maxResponseBytes?: number;
}

/** The controllers of the dialects, on a store in memory. */
export function dialectsWith(
  store: FakeStore,
  kuzzle: KuzzleServices,
  { blobUrls, ...limits }: DialectOptions = {},
): { v1: ControllerDefinition; documents: ControllerDefinition } {
  const actions = actionsWith(store, kuzzle, limits);

  return {
    v1: v1Controller(actions),
    documents: documentsController(actions, blobUrls),
  };
}
