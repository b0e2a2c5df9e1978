import type { ControllerDefinition } from "kuzzle";

import type { Actions } from "../../lib/api/BatchController";
import type { BlobUrls } from "../../lib/api/blobUrls";
import { documentsController } from "../../lib/api/DocumentsController";
import { GetAction } from "../../lib/api/GetAction";
import type { KuzzleServices } from "../../lib/api/services";
import { v1Controller } from "../../lib/api/V1Controller";
import { WriteActions } from "../../lib/api/WriteActions";
import type { AtomicTools } from "../../lib/operations/atomic/settleJournal";
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
  services: object,
  { blobUrls, maxResponseBytes = 1024 * 1024 }: DialectOptions = {},
): { v1: ControllerDefinition; documents: ControllerDefinition } {
  const engine = testEngine(store);
  const kuzzle = services as KuzzleServices;
  // no dialect knows atomic batches, so that there is no journal here
  const tools = { engine } as unknown as AtomicTools;
  const actions: Actions = {
    get: new GetAction(kuzzle, engine, NO_INSTRUMENTS, {
      maxLookups: 1_000,
      maxResponseBytes,
    }),
    writes: new WriteActions(kuzzle, tools, NO_INSTRUMENTS, {
      atomicMaxDocuments: 0,
      atomicMaxBytes: 0,
    }),
  };
  return {
    v1: v1Controller(actions),
    documents: documentsController(actions, blobUrls),
  };
}
