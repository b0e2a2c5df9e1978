/** A Kuzzle with or without the plugin that reports the listeners of its events. */
import { Backend } from "kuzzle";
import { merge } from "lodash";

import { BatchPlugin } from "../../../index";

interface Inside {
  readonly pluginPipes: ReadonlyMap<string, readonly unknown[]>;
  eventNames(): string[];
  listenerCount(event: string): number;
}

const app = new Backend("batch-switches");
merge(
  app.config.content,
  { cluster: { enabled: false } },
  JSON.parse(String(process.env.KUZZLE_CONFIG)),
);
if (app.config.content.plugins?.["batch"] !== undefined) {
  app.plugin.use(new BatchPlugin());
}
app.controller.register("inside", {
  actions: { listeners: { handler: async () => listeners() } },
});
void app.start();

function listeners(): Record<string, number> {
  const { kuzzle } = global as unknown as { kuzzle: Inside };
  const pipes = [...kuzzle.pluginPipes].map(
    ([event, { length }]) => [`pipe ${event}`, length] as const,
  );
  const hooks = kuzzle
    .eventNames()
    .map((event) => [`hook ${event}`, kuzzle.listenerCount(event)] as const);
  return Object.fromEntries([...pipes, ...hooks]);
}
