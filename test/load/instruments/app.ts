/**
 * The application with the plugin, which randomly runs each action with or without
 * instruments, and records the CPU time of its process from the start of one action to the
 * start of the next.
 */
import { shuffle } from "lodash";

import { createApp } from "../../../docker/app/app";
import { Metrics } from "../../../lib/observability/Metrics";
import { NO_INSTRUMENTS } from "../../support/controller";
import { LEGS, noSamples, type Leg, type Samples } from "./legs";

const { start, engineCall } = Object.getOwnPropertyDescriptors(
  Metrics.prototype,
);

let samples: Samples = noSamples();
let leg: Leg = "on";
let stillToCome: Leg[] = [];
let begunAt: number | undefined;

function next(): void {
  const { user, system } = process.cpuUsage();
  const now = user + system;

  if (begunAt !== undefined) {
    samples[leg].push(now - begunAt);
  }
  if (stillToCome.length === 0) {
    stillToCome = shuffle(LEGS);
  }
  leg = stillToCome.pop() as Leg;
  begunAt = now;
}

// A branch in each method: replacing the methods themselves would cost more than they do,
// because the JavaScript engine would discard its optimizations.
Metrics.prototype.start = function (action) {
  next();
  return leg === "on"
    ? start.value!.call(this, action)
    : (NO_INSTRUMENTS.start(action) as ReturnType<Metrics["start"]>);
};
Metrics.prototype.engineCall = function (operation, seconds) {
  if (leg === "on") {
    engineCall.value!.call(this, operation, seconds);
  }
};

const app = createApp("batch-instruments");

app.controller.register("instruments", {
  actions: {
    /** Microseconds of CPU time per action since the last call. */
    take: {
      handler: async () => {
        const taken = samples;
        samples = noSamples();
        stillToCome = [];
        begunAt = undefined;
        return taken;
      },
    },
  },
});

app.start().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
