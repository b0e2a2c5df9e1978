import type { ControllerDefinition, KuzzleRequest } from "kuzzle";

import { batchController } from "../../lib/api/BatchController";
import type { Instruments } from "../../lib/api/instruments";
import type { KuzzleServices } from "../../lib/api/services";
import type { EngineSettings } from "../../lib/operations/engine";
import type { FakeStore } from "./FakeStore";
import { testEngine } from "./testEngine";

/** Instruments that nobody reads. */
export const NO_INSTRUMENTS: Instruments = {
  start: () => ({
    target: () => undefined,
    report: () => undefined,
    succeed: () => undefined,
    fail: () => undefined,
  }),
  render: async () => ({ contentType: "text/plain", text: "" }),
};

interface ControllerOptions extends Partial<EngineSettings> {
  readonly maxLookups?: number;
  readonly maxResponseBytes?: number;
  readonly instruments?: Instruments;
}

export function controllerWith(
  store: FakeStore,
  kuzzle: KuzzleServices,
  {
    maxLookups = 1_000,
    maxResponseBytes = 1024 * 1024,
    instruments = NO_INSTRUMENTS,
    ...settings
  }: ControllerOptions = {},
): ControllerDefinition {
  return batchController(kuzzle, testEngine(store, settings), instruments, {
    maxLookups,
    maxResponseBytes,
  });
}

/** Runs the action that a request names, as Kuzzle's funnel does. */
export async function run(
  controller: ControllerDefinition,
  request: KuzzleRequest,
): Promise<any> {
  const { action } = request.input;
  return controller.actions[String(action)]?.handler(request);
}
