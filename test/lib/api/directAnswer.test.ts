import type { KuzzleRequest } from "kuzzle";
import should from "should";

import {
  directAnswer,
  endDirectAnswer,
  noteArrival,
} from "../../../lib/api/directAnswer";
import { kuzzleServices } from "../../support/request";

function newRequest(action = "mWrite") {
  const formats: unknown[] = [];
  const request = {
    input: { controller: "batch", action },
    response: {
      raw: false,
      configure: ({ format }: { format: string }) => formats.push(format),
    },
  } as unknown as KuzzleRequest;
  return { request, formats };
}

function kuzzleWithListenerOn(awaited?: string) {
  const kuzzle = kuzzleServices();
  kuzzle.hasListeners.callsFake((event) => event === awaited);
  return kuzzle;
}

describe("A direct answer", () => {
  const answer = { successes: [] };

  it("[R11] is raw until Kuzzle has tried to make JSON of it, and never after", async () => {
    const { request, formats } = newRequest();
    should(await noteArrival(request)).equal(request);
    should(directAnswer(request, kuzzleWithListenerOn(), answer)).equal(answer);
    should(formats).eql(["raw"]);

    should(await endDirectAnswer(request)).equal(request);
    should(formats).eql(["raw", "standard"]);
    await endDirectAnswer(request);
    should(formats).eql(["raw", "standard"]);
  });

  it("[R11] is none where a plugin runs a request that it has made of a client's", () => {
    const { request, formats } = newRequest();
    should(directAnswer(request, kuzzleWithListenerOn(), answer)).equal(answer);
    should(formats).eql([]);
  });

  it("[R11] is none where a pipe has made it raw already", async () => {
    const { request, formats } = newRequest();
    await noteArrival(request);
    request.response.raw = true;
    directAnswer(request, kuzzleWithListenerOn(), answer);
    await endDirectAnswer(request);
    should(formats).eql([]);
  });

  it("[R11] leaves alone the raw answers of others", async () => {
    const { request, formats } = newRequest();
    await endDirectAnswer(request);
    should(formats).eql([]);
  });

  for (const event of [
    "batch:afterMWrite",
    "request:onSuccess",
    "request:afterExecution",
  ]) {
    it(`[R11] is none where somebody waits for ${event}`, async () => {
      const { request, formats } = newRequest();
      await noteArrival(request);
      should(directAnswer(request, kuzzleWithListenerOn(event), answer)).equal(
        answer,
      );
      should(formats).eql([]);
    });
  }
});
