/**
 * What the engine rejects, and what that leaves open: a 503 of one item may be the
 * answer to its second execution, and a batch that was rolled back may be sent again.
 */
import { randomUUID } from "node:crypto";

import should from "should";

import type { Answer } from "../../features/support/transports";
import { ask, collectionPath } from "./support/engine";
import { only, secondAnswer, type Call } from "./support/FaultProxy";
import {
  assertAccountedFor,
  assertDone,
  errorsOf,
  readSources,
  send,
  type Place,
} from "./support/fiveActions";
import type { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";
import { ProxiedKuzzle } from "./support/ProxiedKuzzle";

const INDEX = "second-answers";
const NOT_ATOMIC = ["mWrite", "mUpdate", "batchWrite"] as const;
/** What the engine answers 429 and 403 for, with one and the same type of error. */
const BLOCKS = [
  "index.blocks.read_only_allow_delete",
  "index.blocks.read_only",
] as const;

describe("what the engine rejects", function () {
  this.timeout(30_000);

  let proxied: ProxiedKuzzle;
  let kuzzle: KuzzleAsAdmin;
  let place: Place;

  before(async () => {
    proxied = await ProxiedKuzzle.start("kuzzle-of-second-answers", INDEX);
    ({ kuzzle } = proxied);
  });

  after(() => proxied?.stop());

  beforeEach(async () => {
    place = await proxied.newPlace();
    proxied.proxy.watch(place.collection);
  });

  function block(name: string, value: true | null): Promise<unknown> {
    const path = collectionPath(INDEX, place.collection, "_settings");
    return ask("PUT", path, { [name]: value });
  }

  for (const name of BLOCKS) {
    it(`[W5, R8] a batch that was rolled back for ${name} is executed when it is sent again under its key`, async () => {
      const idempotencyKey = randomUUID();
      const batch = (): Promise<Answer> =>
        send(kuzzle, "atomic", place, { idempotencyKey });
      proxied.beforeBulk(() => block(name, true));
      const first = await batch().finally(() => block(name, null));
      should(first.error).containEql({
        ...{ id: "batch.write.rolled_back", status: 503 },
      });
      should(await readSources(place)).have.size(3);

      const again = await batch();
      assertDone("atomic", again, await readSources(place));
      should(statsOf(again).replayed).not.be.true();

      // and this outcome is kept
      const calls = proxied.proxy.seen.length;
      const third = await batch();
      should(statsOf(third).replayed).be.true();
      should(proxied.proxy.seen.length).equal(calls);
    });
  }

  it("[W4, R12] a disk at its flood stage lowers the limit, as load does, and other documents are written", async () => {
    const limit = (): Promise<number> =>
      kuzzle.metric("kuzzle_batch_concurrency_limit", { lane: "write" });
    const other = await proxied.newPlace();
    const before = await limit();
    await block("index.blocks.read_only_allow_delete", true);
    const rejected = send(kuzzle, "mWrite", place);
    const written = send(kuzzle, "mWrite", other);
    const answer = await rejected.finally(() =>
      block("index.blocks.read_only_allow_delete", null),
    );

    should(errorsOf(answer)).have.length(4);
    for (const entry of errorsOf(answer)) {
      should(entry).containEql({ code: "unavailable", status: 429 });
    }
    should(await limit()).be.below(before);
    assertDone("mWrite", await written, await readSources(other));
  });

  for (const action of NOT_ATOMIC) {
    it(`[R9, R10, W6] an item that gets 503 in each attempt has an unknown outcome: ${action}`, async () => {
      proxied.proxy.disturb("_bulk", place.collection, secondAnswer);
      const answer = await send(kuzzle, action, place);

      should(errorsOf(answer)).have.length(action === "mUpdate" ? 3 : 4);
      for (const entry of errorsOf(answer)) {
        should(entry).containEql({
          ...{ code: "unknown_outcome", status: 503, retryable: false },
        });
      }
      const now = await readSources(place);
      assertAccountedFor(action, answer, now);
      should([...now.values()]).matchEach({ n: 1 });
    });

    it(`[R9, R10, W6] an item that was executed in spite of a 503 is not reported as failed after the retry: ${action}`, async () => {
      proxied.proxy.disturb(
        "_bulk",
        place.collection,
        only((nth) => nth === 0, secondAnswer),
      );
      const answer = await send(kuzzle, action, place);

      // the retried deletion finds no document
      should(errorsOf(answer).map(({ code }) => code)).eql(
        action === "batchWrite" ? ["unknown_outcome"] : [],
      );
      assertAccountedFor(action, answer, await readSources(place));
    });
  }

  it("[W3, W6] a batch is rolled back completely, whatever its items with a 503 have written", async () => {
    let bulks = 0;
    // what is restored is answered for
    const isWritten = (_nth: number, { body }: Call): boolean =>
      body.includes('"n":1');
    proxied.proxy.disturb(
      "_bulk",
      "",
      only(isWritten, (...call) => {
        bulks++;
        return secondAnswer(...call);
      }),
    );
    const { error } = await send(kuzzle, "atomic", place);

    should(error).containEql({ id: "batch.write.rolled_back", status: 503 });
    should([...(await readSources(place)).values()]).matchEach({ n: 0 });
    should(await readSources(place)).have.size(3);
    should(bulks).be.above(0);
  });
});

function statsOf({ result }: Answer): { readonly replayed?: boolean } {
  return (result as { stats: { replayed?: boolean } }).stats;
}
