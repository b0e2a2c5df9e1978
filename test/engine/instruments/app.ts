/**
 * The application with the plugin, whose instruments a request switches on and
 * off, and which tells how much CPU time its process has taken so far.
 */
import type { KuzzleRequest } from "kuzzle";

import { createApp } from "../../../docker/app/app";
import { Metrics } from "../../../lib/metrics";
import { NO_INSTRUMENTS } from "../../support/controller";

const { start, engineCall } = Object.getOwnPropertyDescriptors(
  Metrics.prototype,
);
let isOn = true;

// One branch in both cases: exchanging the methods themselves would cost more
// than they do, since the engine of JavaScript would forget what it knows.
Metrics.prototype.start = function (action) {
  return isOn
    ? start.value!.call(this, action)
    : (NO_INSTRUMENTS.start(action) as ReturnType<Metrics["start"]>);
};
Metrics.prototype.engineCall = function (operation, seconds) {
  if (isOn) {
    engineCall.value!.call(this, operation, seconds);
  }
};

const app = createApp("batch-instruments");

app.controller.register("instruments", {
  actions: {
    /** Switches, and answers microseconds of CPU time until now. */
    set: {
      handler: async (request: KuzzleRequest) => {
        isOn = request.input.body?.["on"] === true;
        const { user, system } = process.cpuUsage();
        return user + system;
      },
    },
  },
});

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
