/** The states that the program brings Elasticsearch into, and what works in each. */
import {
  ENGINE_STATES,
  type EngineState,
} from "../../integration/support/engineStates";
import {
  type FaultProxy,
  only,
  pass,
  refuse,
} from "../../integration/support/FaultProxy";
import type { Place } from "../../integration/support/fiveActions";
import { until } from "../until";
import type { Expected } from "./expected";

export interface TriedState extends EngineState {
  readonly name: string;
  readonly expected: Expected;
}

const BREAKER = "a circuit breaker that is open";

const ALL_WORK: Expected = {
  ...{ batchGet: "works", mWrite: "works", mUpdate: "works" },
  ...{ batchWrite: "works", atomic: "works" },
};
const ALL_STOP: Expected = {
  ...{ batchGet: "stops", mWrite: "stops", mUpdate: "stops" },
  ...{ batchWrite: "stops", atomic: "stops" },
};
const WRITES_STOP: Expected = { ...ALL_STOP, batchGet: "works" };
const ALL_SUFFER: Expected = {
  ...{ batchGet: "partly", mWrite: "partly", mUpdate: "partly" },
  ...{ batchWrite: "partly", atomic: "partly" },
};

const EXPECTED: Readonly<Record<keyof typeof ENGINE_STATES, Expected>> = {
  "a read-only index": WRITES_STOP,
  "a disk at its flood stage": WRITES_STOP,
  "a closed index": ALL_STOP,
  "an alias that is gone": ALL_STOP,
  // with one of them for writing: a document cannot be read by the alias
  "an alias of two indexes": {
    ...{ batchGet: "stops", mWrite: "works", mUpdate: "works" },
    ...{ batchWrite: "works", atomic: "stops" },
  },
  "an alias that has moved": ALL_WORK,
  // which refuses fields, and no deletions
  "a mapping that is strict": { ...WRITES_STOP, batchWrite: "partly" },
  [BREAKER]: ALL_STOP,
};

const STATES: Readonly<Record<keyof typeof ENGINE_STATES, EngineState>> = {
  ...ENGINE_STATES,
  [BREAKER]: insistent(ENGINE_STATES[BREAKER]),
};

/** @param proxy that Kuzzle's calls to Elasticsearch pass */
export function statesBehind(proxy: FaultProxy): TriedState[] {
  const storm = (fault: typeof refuse) => ({
    begin: async () => proxy.disturbAll(fault),
    end: async () => proxy.disturbAll(pass),
  });
  const half = only((nth) => nth % 2 === 0, refuse);
  return [
    {
      ...{ name: "none", expected: ALL_WORK },
      begin: async () => undefined,
      end: async () => undefined,
    },
    ...Object.entries(EXPECTED).map(([name, expected]) => ({
      ...{ name, expected },
      ...STATES[name as keyof typeof EXPECTED],
    })),
    { name: "429 to every call", expected: ALL_STOP, ...storm(refuse) },
    { name: "429 to every other call", expected: ALL_SUFFER, ...storm(half) },
  ];
}

/** An open circuit breaker may reject even the request that closes it. */
function insistent({ begin, end }: EngineState): EngineState {
  const isOver = (place: Place) =>
    end(place).then(
      () => true,
      () => false,
    );
  return {
    begin,
    end: (place) => until("the state does not end", () => isOver(place)),
  };
}
