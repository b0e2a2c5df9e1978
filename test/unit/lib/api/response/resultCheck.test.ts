import type { KuzzleRequest } from "kuzzle";
import should from "should";

import {
  endResultCheck,
  skipResultCheck,
} from "../../../../../lib/api/response/resultCheck";
import {
  noteArrival,
  noteHandler,
} from "../../../../../lib/kuzzle/requestState";
import type { KuzzleServices } from "../../../../../lib/kuzzle/KuzzleServices";
import { NATIVE_WRITES } from "../../../../../lib/kuzzle/events/nativeWrites";
import { kuzzleServices } from "../../../../support/request";

function newRequest(action = "mWrite") {
  const formats: unknown[] = [];
  const request = {
    input: { controller: "batch", action, args: {} },
    response: {
      raw: false,
      configure: ({ format }: { format: string }) => formats.push(format),
    },
  } as unknown as KuzzleRequest;
  return { request, formats };
}

/** On Kuzzle's way to the handler. */
async function arrive(request: KuzzleRequest): Promise<KuzzleRequest> {
  return noteHandler(noteArrival(request));
}

function kuzzleWithListenerOn(awaited?: string) {
  const kuzzle = kuzzleServices();
  kuzzle.hasListeners.callsFake((event) => event === awaited);
  return kuzzle;
}

describe("An answer that only the client gets", () => {
  const answer = { successes: [] };
  const answerTo = (request: KuzzleRequest, kuzzle: KuzzleServices) =>
    skipResultCheck(request, kuzzle, [NATIVE_WRITES.update], answer);

  it("[R11] is raw until Kuzzle has tried to make JSON of it, and never after", async () => {
    const { request, formats } = newRequest();
    should(await arrive(request)).equal(request);
    should(answerTo(request, kuzzleWithListenerOn())).equal(answer);
    should(formats).eql(["raw"]);

    should(endResultCheck(request)).equal(request);
    should(formats).eql(["raw", "standard"]);
    endResultCheck(request);
    should(formats).eql(["raw", "standard"]);
  });

  it("[R11] is like any other if a plugin runs a request derived from a client's", async () => {
    const { request, formats } = newRequest();
    // by way of Kuzzle's events, which it may trigger
    noteHandler(request);
    should(answerTo(request, kuzzleWithListenerOn())).equal(answer);
    should(formats).eql([]);
  });

  it("[R11] is like any other if a pipe runs the client's own request", async () => {
    const { request, formats } = newRequest();
    noteArrival(request);
    should(answerTo(request, kuzzleWithListenerOn())).equal(answer);
    should(formats).eql([]);
  });

  it("[R11] is like any other if a pipe has already made it raw", async () => {
    const { request, formats } = newRequest();
    await arrive(request);
    request.response.raw = true;
    answerTo(request, kuzzleWithListenerOn());
    endResultCheck(request);
    should(formats).eql([]);
  });

  it("[R11] does not change other raw responses", async () => {
    const { request, formats } = newRequest();
    endResultCheck(request);
    should(formats).eql([]);
  });

  for (const event of [
    "batch:afterMWrite",
    "request:onSuccess",
    "request:afterExecution",
    // documents that pipes have seen may no longer be valid JSON
    "document:afterMUpdate",
    "generic:document:afterUpdate",
  ]) {
    it(`[R11] is like any other where somebody waits for ${event}`, async () => {
      const { request, formats } = newRequest();
      await arrive(request);
      should(answerTo(request, kuzzleWithListenerOn(event))).equal(answer);
      should(formats).eql([]);
    });
  }
});
