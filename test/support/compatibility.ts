import type { ControllerDefinition } from "kuzzle";

import type { BlobUrls } from "../../lib/compat/mixpeek/BlobUrls";
import { mixpeekController } from "../../lib/compat/mixpeek/MixpeekController";
import type { KuzzleServices } from "../../lib/kuzzle/KuzzleServices";
import { kuzzle1Controller } from "../../lib/compat/kuzzle1/Kuzzle1Controller";
import { actionsWith } from "./controller";
import type { FakeStore } from "./FakeStore";

interface CompatibilityOptions {
  readonly blobUrls?: BlobUrls;
  readonly maxResponseBytes?: number;
}

/** The controllers of the compatibility APIs on an in-memory store. */
export function compatibilityWith(
  store: FakeStore,
  kuzzle: KuzzleServices,
  { blobUrls, ...limits }: CompatibilityOptions = {},
): { v1: ControllerDefinition; documents: ControllerDefinition } {
  const actions = actionsWith(store, kuzzle, limits);

  return {
    v1: kuzzle1Controller(actions),
    documents: mixpeekController(actions, blobUrls),
  };
}
