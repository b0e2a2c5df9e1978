/** What the plugin answers while the engine refuses, and that it goes on when that is over. */
import should from "should";

import type { Answer } from "../../features/support/transports";
import { ask, collectionPath, ENGINE_MAJOR } from "./support/engine";
import { type FaultProxy, only, refuse } from "./support/FaultProxy";
import { ACTIONS, type Action } from "../support/actions";
import {
  assertAccountedFor,
  assertDone,
  errorsOf,
  readSources,
  send,
  storeDocuments,
  type Place,
} from "./support/fiveActions";
import type { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";
import { ProxiedKuzzle } from "./support/ProxiedKuzzle";

const INDEX = "engine-states";
const ANSWER_MS = 10_000;
const WRITES = ACTIONS.filter((action) => action !== "batchGet");

/** How each ends of which a document is refused. */
const INCOMPLETE = {
  mWrite: "batch.write.incomplete",
  mUpdate: "batch.update.incomplete",
  batchWrite: "batch.write.incomplete",
  atomic: "batch.write.rolled_back",
} as const;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;
}

interface EngineState {
  begin(place: Place): Promise<unknown>;
  end(place: Place): Promise<unknown>;
  /** of each document; undefined: reads are not concerned */
  readonly reads: Refusal | undefined;
  readonly writes: Refusal;
  /** how an atomic batch ends whose journal is written already */
  readonly atomic: string;
  /** how one ends that has not begun; undefined: as on an engine that is unavailable */
  readonly atomicBefore?: string;
}

function setting(name: string, value: unknown) {
  return ({ index, collection }: Place) =>
    ask("PUT", collectionPath(index, collection, "_settings"), {
      [name]: value,
    });
}

function clusterSetting(name: string, value: unknown) {
  return () =>
    ask("PUT", "/_cluster/settings", { transient: { [name]: value } });
}

function changeAlias(action: "add" | "remove") {
  return ({ index, collection }: Place) => {
    const name = `&${index}.${collection}`;
    const change = { [action]: { index: name, alias: `@${name}` } };
    return ask("POST", "/_aliases", { actions: [change] });
  };
}

const CLOSED: Refusal = { status: 400, code: "unavailable", retryable: false };
const GONE: Refusal = { status: 404, code: "unavailable", retryable: false };
const TOO_MANY: Refusal = { status: 429, code: "rejected", retryable: true };

const STATES: Record<string, EngineState> = {
  "a read-only index": {
    begin: setting("index.blocks.read_only", true),
    end: setting("index.blocks.read_only", null),
    reads: undefined,
    writes: { status: 403, code: "unavailable", retryable: false },
    atomic: "batch.write.rolled_back",
  },
  "a disk at its flood stage": {
    begin: setting("index.blocks.read_only_allow_delete", true),
    end: setting("index.blocks.read_only_allow_delete", null),
    reads: undefined,
    writes: { status: 429, code: "unavailable", retryable: true },
    atomic: "batch.write.rolled_back",
    // from 8 on, the alias that marks the index is taken, and the bulk is not
    ...(ENGINE_MAJOR === "8" && { atomicBefore: "batch.write.rolled_back" }),
  },
  "a closed index": {
    begin: ({ index, collection }) =>
      ask("POST", collectionPath(index, collection, "_close")),
    end: ({ index, collection }) =>
      ask(
        "POST",
        collectionPath(index, collection, "_open?wait_for_active_shards=1"),
      ),
    reads: CLOSED,
    writes: CLOSED,
    // whether anything has to be undone can be looked up when it is open again
    atomic: "batch.write.outcome_unknown",
  },
  "an alias that is gone": {
    begin: changeAlias("remove"),
    end: changeAlias("add"),
    reads: GONE,
    writes: GONE,
    // it goes by the index that it has begun with
    atomic: "committed",
  },
  "a circuit breaker that is open": {
    begin: clusterSetting("network.breaker.inflight_requests.limit", "1kb"),
    end: clusterSetting("network.breaker.inflight_requests.limit", null),
    reads: TOO_MANY,
    writes: TOO_MANY,
    // nor can be looked up whether anything has to be undone
    atomic: "batch.write.outcome_unknown",
  },
};

describe("an engine that rejects", function () {
  this.timeout(30_000);

  let proxied: ProxiedKuzzle;
  let proxy: FaultProxy;
  let kuzzle: KuzzleAsAdmin;
  let place: Place;
  let collections = 0;

  before(async () => {
    proxied = await ProxiedKuzzle.start(
      "kuzzle-on-an-engine-that-refuses",
      INDEX,
    );
    ({ proxy, kuzzle } = proxied);
  });

  after(() => proxied?.stop());

  beforeEach(async () => {
    place = { index: INDEX, collection: `c${++collections}` };
    await kuzzle.createCollection(INDEX, place.collection);
    await storeDocuments(place);
    proxy.watch(place.collection);
  });

  /** The answer, when the state is over, and nothing is under way any more. */
  async function sendDuring(
    { begin, end }: Pick<EngineState, "begin" | "end">,
    moment: "before" | "in the middle of",
    action: Action,
  ): Promise<Answer> {
    if (moment === "before") {
      await begin(place);
    } else {
      proxied.beforeBulk(() => begin(place));
    }
    const startedAt = performance.now();
    const answer = await send(kuzzle, action, place).finally(() => end(place));
    should(performance.now() - startedAt).be.below(ANSWER_MS);
    await proxied.untilIdle();
    return answer;
  }

  async function assertGoesOn(action: Action): Promise<void> {
    proxy.watch(place.collection);
    const answer = await send(kuzzle, action, place);
    assertDone(action, answer, await readSources(place));
    await proxied.untilIdle();
  }

  function assertEachIs(refusal: Refusal, answer: Answer): void {
    should(errorsOf(answer)).not.be.empty();
    for (const entry of errorsOf(answer)) {
      should(entry).containEql(refusal);
    }
  }

  for (const [name, state] of Object.entries(STATES)) {
    it(`[R1, R2, R9] ${name}: batchGet calls none missing for it, and goes on`, async () => {
      const answer = await sendDuring(state, "before", "batchGet");

      if (state.reads === undefined) {
        assertDone("batchGet", answer, new Map());
      } else {
        should(answer.result).containEql({ documents: [], not_found: [] });
        should(errorsOf(answer)).have.length(5);
        assertEachIs(state.reads, answer);
      }
      await assertGoesOn("batchGet");
    });

    for (const action of ["mWrite", "mUpdate", "batchWrite"] as const) {
      for (const moment of ["before", "in the middle of"] as const) {
        it(`[R1, R9] ${name} ${moment} ${action}: each document says so, and it goes on`, async () => {
          const answer = await sendDuring(state, moment, action);

          assertEachIs(state.writes, answer);
          assertAccountedFor(action, answer, await readSources(place));
          await assertGoesOn(action);
        });
      }
    }

    it(`[R8, W3] ${name} before an atomic batch: nothing is written, and it goes on`, async () => {
      const { error } = await sendDuring(state, "before", "atomic");

      const id = state.atomicBefore ?? "batch.engine.unavailable";
      should(error).containEql({ id, status: 503 });
      should(await readSources(place)).have.size(3);
      await assertGoesOn("atomic");
    });

    it(`[W3] ${name} in the middle of an atomic batch: it is ${state.atomic}, and goes on`, async () => {
      const answer = await sendDuring(state, "in the middle of", "atomic");

      should(answer.error?.id ?? "committed").equal(state.atomic);
      assertAccountedFor("atomic", answer, await readSources(place));
      await assertGoesOn("atomic");
    });
  }

  for (const action of ACTIONS) {
    const path = action === "batchGet" ? "_mget" : "_bulk";

    it(`[R10] ${action} outlasts a short storm of 429`, async () => {
      proxy.disturb(
        path,
        "",
        only((nth) => nth < 2, refuse),
      );
      const answer = await send(kuzzle, action, place);

      assertDone(action, answer, await readSources(place));
      should(proxy.seen.length).be.aboveOrEqual(3);
      await proxied.untilIdle();
    });

    it(`[R9, R10] ${action} says of each document that a storm of 429 has lasted, and goes on`, async () => {
      proxy.disturb(path, "", refuse);
      const answer = await send(kuzzle, action, place);

      should(proxy.seen.length).be.belowOrEqual(8);
      assertEachIs(TOO_MANY, answer);
      if (action !== "batchGet") {
        assertAccountedFor(action, answer, await readSources(place));
      }
      await assertGoesOn(action);
    });
  }

  for (const action of WRITES) {
    it(`[W2, W3, R1] a mapping that becomes strict in the middle of a strict ${action}`, async () => {
      proxied.beforeBulk(() =>
        ask("PUT", collectionPath(INDEX, place.collection, "_mapping"), {
          dynamic: "strict",
        }),
      );
      const answer = await send(kuzzle, action, place, { strict: true });

      const refused = errorsOf(answer).filter(({ code }) => code === "mapping");
      should(refused).have.length(1);
      should(refused[0]).containEql({
        position: 1,
        status: 400,
        retryable: false,
      });
      should(answer.error?.id).equal(INCOMPLETE[action]);
      await proxied.untilIdle();
      const now = await readSources(place);
      // what is written is not in the answer of a strict one
      const written = [...now.values()].filter(
        (source) => (source as { n: number }).n === 1,
      );
      const all = action === "mUpdate" ? 3 : 4;
      const gone = action === "batchWrite" ? 1 : 0;
      should(written).have.length(action === "atomic" ? 0 : all - gone - 1);
    });
  }
});
