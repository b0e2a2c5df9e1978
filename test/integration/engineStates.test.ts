/**
 * What the plugin answers while the engine rejects requests, and that it recovers
 * afterwards.
 */
import should from "should";

import type { Answer } from "../../features/support/transports";
import { ENGINE_MAJOR } from "./support/engine";
import { ENGINE_STATES, type EngineState } from "./support/engineStates";
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

/** How each action ends if a document is rejected. */
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

/** What is answered in a state. */
interface Answers {
  /** per document; undefined: reads are not affected */
  readonly reads: Refusal | undefined;
  readonly writes: Refusal;
  /** how an atomic batch ends if its journal is already written */
  readonly atomic: string;
  /** how one ends that has not started; undefined: as if the engine were unavailable */
  readonly atomicBefore?: string;
}

const CLOSED: Refusal = { status: 400, code: "unavailable", retryable: false };
const GONE: Refusal = { status: 404, code: "unavailable", retryable: false };
const TOO_MANY: Refusal = { status: 429, code: "rejected", retryable: true };

const STATES: Partial<Record<keyof typeof ENGINE_STATES, Answers>> = {
  "a read-only index": {
    reads: undefined,
    writes: { status: 403, code: "unavailable", retryable: false },
    atomic: "batch.write.rolled_back",
  },
  "a disk at its flood stage": {
    reads: undefined,
    writes: { status: 429, code: "unavailable", retryable: true },
    atomic: "batch.write.rolled_back",
    // from 8 on, the alias that marks the index is accepted, but the bulk is not
    ...(ENGINE_MAJOR === "8" && { atomicBefore: "batch.write.rolled_back" }),
  },
  "a closed index": {
    reads: CLOSED,
    writes: CLOSED,
    // whether a rollback is needed can only be found out when it is open again
    atomic: "batch.write.outcome_unknown",
  },
  "an alias that is gone": {
    reads: GONE,
    writes: GONE,
    // it uses the index with which it started
    atomic: "committed",
  },
  "a circuit breaker that is open": {
    reads: TOO_MANY,
    writes: TOO_MANY,
    // nor can it be found out whether a rollback is needed
    atomic: "batch.write.outcome_unknown",
  },
};

describe("an engine that rejects", function () {
  this.timeout(60_000);

  let proxied: ProxiedKuzzle;
  let proxy: FaultProxy;
  let kuzzle: KuzzleAsAdmin;
  let place: Place;

  before(async () => {
    proxied = await ProxiedKuzzle.start(
      "kuzzle-on-an-engine-that-refuses",
      INDEX,
    );
    ({ proxy, kuzzle } = proxied);
  });

  after(() => proxied?.stop());

  beforeEach(async () => {
    place = await proxied.newPlace();
    proxy.watch(place.collection);
  });

  /** The response, once the state is over and nothing is in flight. */
  async function sendDuring(
    { begin, end }: EngineState,
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

  for (const [name, answers] of Object.entries(STATES)) {
    const state = ENGINE_STATES[name as keyof typeof STATES];

    it(`[R1, R2, R9] ${name}: batchGet calls none missing for it, and goes on`, async () => {
      const answer = await sendDuring(state, "before", "batchGet");

      if (answers.reads === undefined) {
        assertDone("batchGet", answer, new Map());
      } else {
        should(answer.result).containEql({ documents: [], not_found: [] });
        should(errorsOf(answer)).have.length(5);
        assertEachIs(answers.reads, answer);
      }
      await assertGoesOn("batchGet");
    });

    for (const action of ["mWrite", "mUpdate", "batchWrite"] as const) {
      for (const moment of ["before", "in the middle of"] as const) {
        it(`[R1, R9] ${name} ${moment} ${action}: each document says so, and it goes on`, async () => {
          const answer = await sendDuring(state, moment, action);

          assertEachIs(answers.writes, answer);
          assertAccountedFor(action, answer, await readSources(place));
          await assertGoesOn(action);
        });
      }
    }

    it(`[R8, W3] ${name} before an atomic batch: nothing is written, and it goes on`, async () => {
      const { error } = await sendDuring(state, "before", "atomic");

      const id = answers.atomicBefore ?? "batch.engine.unavailable";
      should(error).containEql({ id, status: 503 });
      should(await readSources(place)).have.size(3);
      await assertGoesOn("atomic");
    });

    it(`[W3] ${name} in the middle of an atomic batch: it is ${answers.atomic}, and goes on`, async () => {
      const answer = await sendDuring(state, "in the middle of", "atomic");

      should(answer.error?.id ?? "committed").equal(answers.atomic);
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
    it(`[R1, W3] an alias that moves to a copy in the middle of ${action}, and back`, async () => {
      const state = ENGINE_STATES["an alias that has moved"];
      proxied.beforeBulk(() => state.begin(place));
      const answer = await send(kuzzle, action, place);
      await proxied.untilIdle();

      try {
        assertAccountedFor(action, answer, await readSources(place));
        await storeDocuments(place);
        await assertGoesOn(action);
      } finally {
        await state.end(place);
      }
      await storeDocuments(place);
      await assertGoesOn(action);
    });

    it(`[W2, W3, R1] a mapping that becomes strict in the middle of a strict ${action}`, async () => {
      proxied.beforeBulk(() =>
        ENGINE_STATES["a mapping that is strict"].begin(place),
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
      // a strict response does not list what was written
      const written = [...now.values()].filter(
        (source) => (source as { n: number }).n === 1,
      );
      const all = action === "mUpdate" ? 3 : 4;
      const gone = action === "batchWrite" ? 1 : 0;
      should(written).have.length(action === "atomic" ? 0 : all - gone - 1);
    });
  }
});
