/** Streams to readers that are slow or disconnect, and streams that break off. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import { environment, kuzzleUrl } from "../../features/support/environment";
import {
  adminJwt,
  asAdmin,
  createCollection,
  releaseCollection,
  switchPipes,
  writeDocuments,
} from "../../features/support/kuzzle";

const INDEX = "engine-streams";
const DOCUMENTS = 3_000;
const TEXT = "x".repeat(8_000);

describe("a streamed batchGet", function () {
  this.timeout(60_000);

  const ids = Array.from({ length: DOCUMENTS }, (_, i) => String(i));
  const addresses = ["large", "piped"].map((each) => `${INDEX}:${each}`);

  before(async () => {
    for (const address of addresses) {
      await createCollection(address);
    }
    for (let first = 0; first < DOCUMENTS; first += 100) {
      const some = ids.slice(first, first + 100);
      await writeDocuments(
        `${INDEX}:large`,
        Object.fromEntries(some.map((_id) => [_id, { text: TEXT }])),
      );
    }
    await writeDocuments(
      `${INDEX}:piped`,
      Object.fromEntries(ids.slice(0, 300).map((_id) => [_id, { n: 1 }])),
    );
  });

  after(async () => {
    await switchPipes([]);
    for (const address of addresses) {
      await releaseCollection(address, false);
    }
  });

  async function open(
    collection: string,
    asked: readonly string[],
  ): Promise<IncomingMessage> {
    const outgoing = request(
      `${kuzzleUrl}/_/batch/${INDEX}/${collection}/_batchGet?format=ndjson`,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${adminJwt()}`,
        },
      },
    );
    outgoing.end(JSON.stringify({ ids: asked }));
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    should(response.statusCode).equal(200);
    should(response.headers["content-type"]).equal("application/x-ndjson");
    return response;
  }

  function linesIn(text: string): any[] {
    should(text === "" || text.endsWith("\n")).be.true();
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  async function multiGets(): Promise<number> {
    const response = await fetch(`${kuzzleUrl}/_/batch/metrics`, {
      headers: { authorization: `Bearer ${adminJwt()}` },
    });
    const line = /^kuzzle_batch_engine_calls_total\{operation="mget"\} (\d+)$/m;
    return Number(line.exec(await response.text())?.[1] ?? 0);
  }

  /** The number of calls once no more arrive for a while, however slow the engine is. */
  async function multiGetsAtRest(): Promise<number> {
    for (let count = await multiGets(); ;) {
      await sleep(500);
      const later = await multiGets();
      if (later === count) return count;
      count = later;
    }
  }

  it("[G5] has each line exactly once for a reader that pauses", async () => {
    const response = await open("large", ids);
    const parts: Buffer[] = [];
    let sinceStop = 0;
    for await (const part of response) {
      parts.push(part as Buffer);
      sinceStop += (part as Buffer).length;
      if (sinceStop > 4 * 1024 * 1024) {
        sinceStop = 0;
        await sleep(150);
      }
    }
    const lines = linesIn(Buffer.concat(parts).toString());

    should(lines.map(({ type }) => type)).eql([
      ...ids.map(() => "document"),
      "stats",
    ]);
    should(lines.slice(0, -1).map(({ document }) => document._id)).eql(ids);
    should(
      lines.every(
        ({ document }) => !document || document._source.text === TEXT,
      ),
    ).be.true();
    should(lines.at(-1).stats).containEql({
      found: DOCUMENTS,
      engineCalls: 30,
    });
  });

  it("[G5] sends no more requests to the engine once its reader has disconnected", async () => {
    const before = await multiGets();
    const response = await open("large", ids);
    await once(response, "data");
    // it pauses first, so the connection's buffers soon fill up
    response.pause();
    const whileStill = await multiGetsAtRest();
    response.destroy();
    const gone = await multiGetsAtRest();

    should(whileStill - before).be.below(25);
    should(gone - whileStill).be.belowOrEqual(1);
  });

  it("[G5, R6] runs the pipes for each part, and breaks off without stats if one rejects", async () => {
    await switchPipes(["native reading"]);
    // a hundred at a time: the pipe rejects the third chunk
    const asked = [...ids.slice(0, 250), "rejected-by-pipe", "299"];
    const response = await open("piped", asked);
    const parts: Buffer[] = [];
    for await (const part of response) {
      parts.push(part as Buffer);
    }
    const lines = linesIn(Buffer.concat(parts).toString());

    should(lines).have.length(200);
    for (const { type, document } of lines) {
      should(type).equal("document");
      // changed by the pipe
      should(document._source).eql({ n: 1, phone: "masked" });
    }
    const { status } = await asAdmin({ controller: "server", action: "now" });
    should(status).equal(200, `Kuzzle at ${environment.kuzzlePort} is gone`);
  });
});
