import type { ControllerDefinition } from "kuzzle";

import { directAnswer } from "./directAnswer";
import type { GetAction } from "./GetAction";
import { route } from "./openapi";
import type { Instruments } from "./instruments";
import { limitsAction, type RequestSettings } from "./limitsAction";
import { metricsAction } from "./metricsAction";
import type { KuzzleServices } from "./services";
import type { WriteActions } from "./WriteActions";
import { NATIVE_UPDATE, NATIVE_WRITE } from "./writePipes";

/** What all dialects share. */
export interface Actions {
  readonly get: GetAction;
  readonly writes: WriteActions;
}

/** The controller `batch`: the plugin's own actions and their routes. */
export function batchController(
  { get, writes }: Actions,
  instruments: Instruments,
  kuzzle: KuzzleServices,
  settings: RequestSettings,
): ControllerDefinition {
  return {
    actions: {
      batchGet: {
        handler: (request) => get.run(request),
        http: [
          route("batchGet", "post", "/_/batch/:index/_batchGet"),
          route(
            "batchGet",
            "post",
            "/_/batch/:index/:collection/_batchGet",
            "InCollection",
          ),
        ],
      },
      mWrite: {
        handler: async (request) =>
          directAnswer(
            request,
            kuzzle,
            NATIVE_WRITE,
            await writes.write(request),
          ),
        http: [route("mWrite", "post", "/_/batch/:index/:collection/_mWrite")],
      },
      mUpdate: {
        handler: async (request) =>
          directAnswer(
            request,
            kuzzle,
            NATIVE_UPDATE,
            await writes.update(request),
          ),
        http: [route("mUpdate", "put", "/_/batch/:index/:collection/_mUpdate")],
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
