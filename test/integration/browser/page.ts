/**
 * Runs in the page: a program as users write it. It is bundled with the package as npm
 * packs it, and the tests call its functions from outside.
 */
import { Http, Kuzzle, WebSocket } from "kuzzle-sdk";

import {
  type BatchDocumentsController,
  useBatch,
} from "kuzzle-plugin-batch/client";

export interface Place {
  readonly protocol: "http" | "websocket";
  readonly host: string;
  readonly port: number;
  readonly jwt: string;
  readonly index: string;
  readonly collection: string;
}

async function connect({
  protocol,
  host,
  port,
  jwt,
}: Place): Promise<{ kuzzle: Kuzzle; batch: BatchDocumentsController }> {
  const line =
    protocol === "http"
      ? new Http(host, { port })
      : new WebSocket(host, { port, reconnectionDelay: 50 });
  const kuzzle = new Kuzzle(line);
  await kuzzle.connect();
  kuzzle.jwt = jwt;
  return { kuzzle, batch: useBatch(kuzzle) };
}

function documents(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    _id: `d${n}`,
    body: { n, text: "ü".repeat(500) },
  }));
}

const actions = {
  /** Writes, updates and reads more than fits into a request. */
  async everything(place: Place) {
    const { kuzzle, batch } = await connect(place);
    const { index, collection } = place;
    const given = documents(3_000);
    const ids = given.map(({ _id }) => _id);

    const written = await batch.mWrite(index, collection, given, {
      source: false,
    });
    const updated = await batch.mUpdate(
      index,
      collection,
      ids.slice(0, 300).map((_id) => ({ _id, body: { text: "short" } })),
    );
    const read = await batch.batchGet(index, [...ids, "nowhere"], {
      collection,
      source: ["n"],
    });
    const found: string[] = [];
    for await (const { _id } of batch.found(index, ids, { collection })) {
      found.push(_id);
    }
    const loader = batch.loader();
    const loaded = await Promise.all(
      ids.slice(0, 100).map((id) => loader.get(index, collection, id)),
    );
    const refused = await batch
      .mWrite(index, collection, [{ _id: "x", body: [] as never }], {
        strict: true,
      })
      .catch((error: unknown) => error as { id: string; errors: unknown[] });
    kuzzle.disconnect();
    return {
      isSecureContext: (globalThis as { isSecureContext?: boolean })
        .isSecureContext,
      hasRandomUuid: "randomUUID" in crypto,
      written: written.successes.length,
      writeRequests: written.stats.requests,
      hasSource: written.successes.some((each) => "_source" in each),
      updated: updated.successes.length,
      read: read.documents.map(({ _source }) => _source["n"]),
      notFound: read.not_found,
      found: found.length,
      loaded: loaded.filter((each) => each !== null).length,
      refused: { ...refused },
    };
  },

  /** Writes while the connection is cut from outside. */
  async writeThroughCuts(place: Place) {
    const { kuzzle, batch } = await connect(place);
    await batch.limits();
    const { successes, errors, stats } = await batch.mWrite(
      place.index,
      place.collection,
      documents(2_000),
      { source: false, batchSize: 250 },
    );
    kuzzle.disconnect();
    return {
      created: successes.filter(({ created }) => created).length,
      errors,
      replayed: stats.replayed,
    };
  },

  /** Pipes one of the browser's streams into the collection. */
  async stream(place: Place) {
    const { kuzzle, batch } = await connect(place);
    const given = documents(500);
    const input = new ReadableStream<(typeof given)[number]>({
      pull(controller) {
        const next = given.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
    });
    let written = 0;
    await input.pipeTo(
      batch.writeStream(place.index, place.collection, {
        batchSize: 100,
        onResult: ({ successes }) => {
          written += successes.length;
        },
      }),
    );
    kuzzle.disconnect();
    return written;
  },
};

export type Actions = typeof actions;

Object.assign(globalThis, { actions });
