import type { ControllerDefinition } from "kuzzle";

import { skipResultCheck } from "./response/resultCheck";
import type { BatchGetAction } from "./batchGet";
import type { BatchWriteAction } from "./batchWrite";
import { route } from "../openapi/index";
import type { Instruments } from "../observability/instruments";
import { limitsAction, type RequestSettings } from "./limits";
import { metricsAction } from "./metrics";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";
import type { MUpdateAction } from "./mUpdate";
import type { MWriteAction } from "./mWrite";
import { NATIVE_WRITES } from "../kuzzle/events/nativeWrites";

/** The actions that the compatibility APIs share with the plugin's own. */
export interface Actions {
  readonly batchGet: BatchGetAction;
  readonly mWrite: MWriteAction;
  readonly mUpdate: MUpdateAction;
  readonly batchWrite: BatchWriteAction;
}

/** The controller `batch`: the plugin's own actions and their routes. */
export function batchController(
  { batchGet, mWrite, mUpdate, batchWrite }: Actions,
  instruments: Instruments,
  kuzzle: KuzzleServices,
  settings: RequestSettings,
): ControllerDefinition {
  return {
    actions: {
      batchGet: {
        handler: (request) => batchGet.run(request),
        http: [
          // first, since the admin console builds its form from the first route
          route(
            "batchGet",
            "post",
            "/_/batch/:index/:collection/_batchGet",
            "InCollection",
          ),
          route("batchGet", "post", "/_/batch/:index/_batchGet"),
        ],
      },
      mWrite: {
        handler: async (request) =>
          skipResultCheck(
            request,
            kuzzle,
            [NATIVE_WRITES.write],
            await mWrite.run(request),
          ),
        http: [route("mWrite", "post", "/_/batch/:index/:collection/_mWrite")],
      },
      mUpdate: {
        handler: async (request) =>
          skipResultCheck(
            request,
            kuzzle,
            [NATIVE_WRITES.update],
            await mUpdate.run(request),
          ),
        http: [route("mUpdate", "put", "/_/batch/:index/:collection/_mUpdate")],
      },
      batchWrite: {
        handler: async (request) =>
          skipResultCheck(
            request,
            kuzzle,
            Object.values(NATIVE_WRITES),
            await batchWrite.run(request),
          ),
        http: [
          route(
            "batchWrite",
            "post",
            "/_/batch/:index/:collection/_batchWrite",
            "InCollection",
          ),
          route("batchWrite", "post", "/_/batch/:index/_batchWrite"),
        ],
      },
      limits: {
        handler: async () => limitsAction(kuzzle, settings),
        http: [route("limits", "get", "/_/batch/limits")],
      },
      metrics: {
        handler: (request) => metricsAction(request, instruments),
        http: [route("metrics", "get", "/_/batch/metrics")],
      },
    },
  };
}
