import type { ControllerDefinition, KuzzleRequest } from "kuzzle";

import { batchController, type Actions } from "../../lib/api/BatchController";
import { BatchGetAction } from "../../lib/api/batchGet";
import { BatchWriteAction } from "../../lib/api/batchWrite";
import type { Instruments } from "../../lib/observability/instruments";
import type { KuzzleServices } from "../../lib/kuzzle/KuzzleServices";
import { MUpdateAction } from "../../lib/api/mUpdate";
import { MWriteAction } from "../../lib/api/mWrite";
import { WriteRunner } from "../../lib/api/writeRunner";
import type { AtomicContext } from "../../lib/core/atomic/AtomicContext";
import type { ExecutionSettings } from "../../lib/core/ExecutionContext";
import { FakeJournals } from "./FakeJournals";
import type { FakeStore } from "./FakeStore";
import { testEngine } from "./testEngine";

const ATOMIC_LIMITS = { atomicMaxDocuments: 100, atomicMaxBytes: 1024 * 1024 };

/** Instruments that nobody reads. */
export const NO_INSTRUMENTS: Instruments = {
  start: () => ({
    target: () => undefined,
    report: () => undefined,
    succeed: () => undefined,
    fail: () => undefined,
  }),
  native: () => undefined,
  replay: () => undefined,
  rollback: () => undefined,
  render: async () => ({ contentType: "text/plain", text: "" }),
};

interface ControllerOptions extends Partial<ExecutionSettings> {
  readonly maxLookups?: number;
  readonly maxResponseBytes?: number;
  readonly instruments?: Instruments;
}

const OPTIONS = {
  maxLookups: 1_000,
  maxResponseBytes: 1024 * 1024,
  instruments: NO_INSTRUMENTS,
};

export function controllerWith(
  store: FakeStore,
  kuzzle: KuzzleServices,
  given: ControllerOptions = {},
): ControllerDefinition {
  const { maxLookups, maxResponseBytes, instruments } = {
    ...OPTIONS,
    ...given,
  };
  return batchController(
    actionsWith(store, kuzzle, given),
    instruments,
    kuzzle,
    { maxLookups, maxResponseBytes, ...ATOMIC_LIMITS },
  );
}

/** What all APIs share, on an in-memory store. */
export function actionsWith(
  store: FakeStore,
  kuzzle: KuzzleServices,
  given: ControllerOptions = {},
): Actions {
  const { maxLookups, maxResponseBytes, instruments, ...settings } = {
    ...OPTIONS,
    ...given,
  };
  const execution = testEngine(store, settings);
  const tools: AtomicContext = {
    execution,
    journals: new FakeJournals(),
    times: { leaseMs: 1_000, tombstoneMs: 1_000, taskWaitMs: 1_000 },
    maxJournalBytes: 1024 * 1024,
    nodeId: kuzzle.nodeId,
    epoch: () => Date.now(),
  };
  const writes = new WriteRunner({
    kuzzle,
    tools,
    instruments,
    limits: ATOMIC_LIMITS,
  });
  return {
    batchGet: new BatchGetAction(kuzzle, execution, instruments, {
      maxLookups,
      maxResponseBytes,
    }),
    mWrite: new MWriteAction(writes),
    mUpdate: new MUpdateAction(writes),
    batchWrite: new BatchWriteAction(writes),
  };
}

/** Runs the action of a request, as Kuzzle's funnel does. */
export async function run(
  controller: ControllerDefinition,
  request: KuzzleRequest,
): Promise<any> {
  const { action } = request.input;
  return controller.actions[String(action)]?.handler(request);
}
