/** How an index, or all of Elasticsearch, is brought into states in which it rejects. */
import { ask, collectionPath } from "./engine";
import type { Place } from "./fiveActions";

/** Both resolve when the change is in effect. */
export interface EngineState {
  readonly begin: (place: Place) => Promise<unknown>;
  readonly end: (place: Place) => Promise<unknown>;
}

/** Where an alias is moved to, or which index it has beside its own. */
const SECOND = "second-of-an-alias";

export const ENGINE_STATES = {
  "a read-only index": {
    begin: setting("index.blocks.read_only", true),
    end: setting("index.blocks.read_only", null),
  },
  "a disk at its flood stage": {
    begin: setting("index.blocks.read_only_allow_delete", true),
    end: setting("index.blocks.read_only_allow_delete", null),
  },
  "a closed index": {
    begin: (place) => ask("POST", pathIn(place, "_close")),
    end: (place) =>
      ask("POST", pathIn(place, "_open?wait_for_active_shards=1")),
  },
  "an alias that is gone": {
    begin: (place) => changeAliases({ remove: ownOf(place) }),
    end: (place) => changeAliases({ add: ownOf(place) }),
  },
  "an alias of two indexes": {
    begin: async (place) => {
      const { index: own, alias } = ownOf(place);
      await ask("PUT", pathOf(SECOND), { settings: { number_of_replicas: 0 } });
      await changeAliases(
        { add: { index: own, alias, is_write_index: true } },
        { add: { index: SECOND, alias } },
      );
    },
    end: async (place) => {
      await ask("DELETE", pathOf(SECOND));
      await changeAliases({ add: ownOf(place) });
    },
  },
  "an alias that has moved": {
    begin: (place) => moveAlias(place, ownOf(place).index, SECOND),
    end: async (place) => {
      const own = ownOf(place).index;
      await ask("DELETE", pathOf(own));
      await moveAlias(place, SECOND, own);
      await ask("DELETE", pathOf(SECOND));
    },
  },
  "a mapping that is strict": {
    begin: dynamicMapping("strict"),
    end: dynamicMapping("false"),
  },
  "a circuit breaker that is open": {
    begin: clusterSetting("network.breaker.inflight_requests.limit", "1kb"),
    end: clusterSetting("network.breaker.inflight_requests.limit", null),
  },
} satisfies Record<string, EngineState>;

function setting(name: string, value: unknown) {
  return (place: Place) =>
    ask("PUT", pathIn(place, "_settings"), { [name]: value });
}

function dynamicMapping(dynamic: string) {
  return (place: Place) => ask("PUT", pathIn(place, "_mapping"), { dynamic });
}

function clusterSetting(name: string, value: unknown) {
  return () =>
    ask("PUT", "/_cluster/settings", { transient: { [name]: value } });
}

/** As who moves a collection for good does it: nothing is written meanwhile. */
async function moveAlias(
  place: Place,
  from: string,
  to: string,
): Promise<void> {
  const { alias } = ownOf(place);
  await ask("PUT", `${pathOf(from)}/_block/write`);
  await ask("POST", `${pathOf(from)}/_clone/${encodeURIComponent(to)}`, {
    settings: { "index.blocks.write": null },
  });
  await changeAliases(
    { remove: { index: from, alias } },
    { add: { index: to, alias } },
  );
}

function changeAliases(...actions: readonly object[]): Promise<unknown> {
  return ask("POST", "/_aliases", { actions });
}

/** The index that Kuzzle has made for a collection, and its alias. */
function ownOf({ index, collection }: Place): { index: string; alias: string } {
  const name = `&${index}.${collection}`;
  return { index: name, alias: `@${name}` };
}

function pathIn({ index, collection }: Place, rest: string): string {
  return collectionPath(index, collection, rest);
}

function pathOf(name: string): string {
  return `/${encodeURIComponent(name)}`;
}
