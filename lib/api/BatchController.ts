import type { ControllerDefinition } from "kuzzle";

import type { Engine } from "../operations/engine";
import { GetAction, type GetLimits } from "./GetAction";
import { route } from "./openapi";
import type { Instruments } from "./instruments";
import { metricsAction } from "./metricsAction";
import type { KuzzleServices } from "./services";
import { WriteActions } from "./WriteActions";

/** The controller `batch`: the plugin's own actions and their routes. */
export function batchController(
  kuzzle: KuzzleServices,
  engine: Engine,
  instruments: Instruments,
  limits: GetLimits,
): ControllerDefinition {
  const get = new GetAction(kuzzle, engine, instruments, limits);
  const writes = new WriteActions(kuzzle, engine, instruments);

  return {
    actions: {
      batchGet: {
        handler: (request) => get.run(request),
        http: [
          route("batchGet", "post", "/_/batch/:index/_batchGet"),
          route("batchGet", "post", "/_/batch/:index/:collection/_batchGet"),
        ],
      },
      mWrite: {
        handler: (request) => writes.write(request),
        http: [route("mWrite", "post", "/_/batch/:index/:collection/_mWrite")],
      },
      mUpdate: {
        handler: (request) => writes.update(request),
        http: [route("mUpdate", "put", "/_/batch/:index/:collection/_mUpdate")],
      },
      metrics: {
        handler: (request) => metricsAction(request, instruments),
        http: [route("metrics", "get", "/_/batch/metrics")],
      },
    },
  };
}
