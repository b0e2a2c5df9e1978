/**
 * What goes in comes out, to the byte: documents as text, written in every way and
 * read in every way.
 */
import { randomUUID } from "node:crypto";

import fc from "fast-check";
import { connectAsync, type MqttClient } from "mqtt";
import should from "should";
import { WebSocket } from "ws";

import { storedTexts, storeText } from "../../features/support/bytes";
import { environment, kuzzleUrl } from "../../features/support/environment";
import {
  adminJwt,
  asAdmin,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import {
  membersOf,
  survivesRewriting,
} from "../../lib/core/validation/jsonObject";
import { anyNumber, comparable, objectTexts } from "../support/jsonTexts";

const INDEX = "exactness";
const COLLECTION = "any";
const ALIAS = encodeURIComponent(`@&${INDEX}.${COLLECTION}`);
const PATIENCE_MS = 20_000;

type Message = Record<string, unknown>;

/** Sends a request as JSON, and answers the text that comes back. */
type Send = (message: Message) => Promise<string>;

describe("Exactness", function () {
  this.timeout(240_000);

  let socket: WebSocket;
  let mqtt: MqttClient;
  const waiting = new Map<string, (text: string) => void>();

  function receive(text: string): void {
    for (const [requestId, resolve] of waiting) {
      if (text.includes(`"${requestId}"`)) {
        waiting.delete(requestId);
        resolve(text);
      }
    }
  }

  function answerTo(message: Message, send: (text: string) => void) {
    const requestId = randomUUID();
    return new Promise<string>((resolve, reject) => {
      setTimeout(reject, PATIENCE_MS, new Error("no answer")).unref();
      waiting.set(requestId, resolve);
      send(JSON.stringify({ ...message, jwt: adminJwt(), requestId }));
    });
  }

  async function http(method: string, path: string, body: unknown) {
    const response = await fetch(`${kuzzleUrl}${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.text();
  }

  const overSocket: Record<string, Send> = {
    websocket: (message) => answerTo(message, (text) => socket.send(text)),
    mqtt: (message) =>
      answerTo(message, (text) => mqtt.publish("Kuzzle/request", text)),
  };
  const BATCH = `/_/batch/${INDEX}/${COLLECTION}`;
  const place = { controller: "batch", index: INDEX, collection: COLLECTION };

  before(async () => {
    await createCollection(`${INDEX}:${COLLECTION}`);
    await asAdmin({
      controller: "collection",
      action: "update",
      index: INDEX,
      collection: COLLECTION,
      body: { mappings: { dynamic: "false" } },
    });
    const { kuzzleHost, kuzzlePort, mqttPort } = environment;
    socket = new WebSocket(`ws://${kuzzleHost}:${kuzzlePort}`);
    socket.on("message", (data: Buffer) => receive(data.toString()));
    await new Promise((resolve) => socket.once("open", resolve));
    mqtt = await connectAsync(`mqtt://${kuzzleHost}:${mqttPort}`);
    mqtt.on("message", (_, payload) => receive(payload.toString()));
    await mqtt.subscribeAsync("Kuzzle/response");
  });

  after(async () => {
    socket.close();
    await mqtt.endAsync(true);
    await releaseCollection(`${INDEX}:${COLLECTION}`, false);
  });

  /** By every way that takes texts. */
  const WRITERS: Record<string, (documents: object[]) => Promise<string>> = {
    http: (documents) => http("POST", `${BATCH}/_mWrite`, { documents }),
    atomic: (documents) =>
      http("POST", `${BATCH}/_mWrite?atomic`, { documents }),
    ...Object.fromEntries(
      Object.entries(overSocket).map(([protocol, send]) => [
        protocol,
        (documents: object[]) =>
          send({ ...place, action: "mWrite", body: { documents } }),
      ]),
    ),
  };

  /** By every way that answers whole sources. */
  const READERS: Record<string, (ids: string[]) => Promise<string>> = {
    http: (ids) => http("POST", `${BATCH}/_batchGet`, { ids }),
    "http, pretty": async (ids) =>
      (await http("POST", `${BATCH}/_batchGet?pretty`, { ids })).replaceAll(
        '"_source": ',
        '"_source":',
      ),
    "the whole index": (ids) =>
      http("POST", `/_/batch/${INDEX}/_batchGet`, { ids }),
    ndjson: (ids) => http("POST", `${BATCH}/_batchGet?format=ndjson`, { ids }),
    "Kuzzle 1": (ids) =>
      http("POST", `/v1/${INDEX}/${COLLECTION}/_mGet`, { ids }),
    ...Object.fromEntries(
      Object.entries(overSocket).flatMap(([protocol, send]) => [
        [
          protocol,
          (ids: string[]) =>
            send({ ...place, action: "batchGet", body: { ids } }),
        ],
        [
          `Kuzzle 1 over ${protocol}`,
          (ids: string[]) =>
            send({
              ...place,
              controller: "batch/v1",
              action: "mGet",
              body: { ids },
            }),
        ],
      ]),
    ),
  };

  /** Answers in which the members of a document stand among others. */
  const SPREAD: Record<string, (ids: string[]) => Promise<string>> = {
    Mixpeek: (ids) =>
      http("POST", `/v1/documents/batch-get?namespace=${INDEX}`, {
        document_ids: ids,
      }),
    ...Object.fromEntries(
      Object.entries(overSocket).map(([protocol, send]) => [
        `Mixpeek over ${protocol}`,
        (ids: string[]) =>
          send({
            controller: "batch/documents",
            action: "batchGet",
            namespace: INDEX,
            body: { document_ids: ids },
          }),
      ]),
    ),
  };

  function named(texts: readonly string[]) {
    return texts.map((json) => ({ _id: randomUUID(), json }));
  }

  for (const [way, write] of Object.entries(WRITERS)) {
    it(`[R13, W3] a text is stored byte for byte, and answered so: ${way}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(objectTexts(), { minLength: 1, maxLength: 12 }),
          async (texts) => {
            const documents = named(texts);
            const answer = await write(documents);
            const ids = documents.map(({ _id }) => _id);
            const stored = await storedTexts(ALIAS, ids);

            for (const { _id, json } of documents) {
              should(stored.get(_id)?.text).equal(json, answer);
              should(answer).containEql(`"_id":"${_id}","_source":${json},`);
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  }

  for (const [way, read] of Object.entries({ ...READERS, ...SPREAD })) {
    it(`[R13, D1, D2] a document is answered byte for byte: ${way}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(objectTexts(), { minLength: 1, maxLength: 8 }),
          async (texts) => {
            const documents = named(texts);
            await WRITERS.http!(documents);
            const answer = await read(documents.map(({ _id }) => _id));

            for (const { json } of documents) {
              if (way in READERS) {
                should(answer).containEql(`"_source":${json},`);
              } else {
                for (const [name, value] of membersOf(json)) {
                  should(answer).containEql(`${JSON.stringify(name)}:${value}`);
                }
              }
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  }

  const survivor = anyNumber.filter(survivesRewriting);
  for (const [way, update] of Object.entries({
    http: (documents: object[]) =>
      http("PUT", `${BATCH}/_mUpdate?source=true`, { documents }),
    ...Object.fromEntries(
      Object.entries(overSocket).map(([protocol, send]) => [
        protocol,
        (documents: object[]) =>
          send({
            ...place,
            action: "mUpdate",
            source: true,
            body: { documents },
          }),
      ]),
    ),
  })) {
    it(`[R13, U1, U3] an update keeps each value, and answers what is stored: ${way}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(objectTexts(survivor), { minLength: 1, maxLength: 8 }),
          async (texts) => {
            const documents = named(texts);
            const ids = documents.map(({ _id }) => _id);
            await WRITERS.http!(ids.map((_id) => ({ _id, body: {} })));
            const answer = await update(documents);
            const stored = await storedTexts(ALIAS, ids);

            for (const { _id, json } of documents) {
              const text = stored.get(_id)?.text as string;
              should(answer).containEql(`"_source":${text}`);
              const { _kuzzle_info, ...rest } = comparable(text) as Message;
              should(_kuzzle_info).have.keys("updatedAt", "updater");
              should(rest).eql(comparable(json), answer);
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  }

  it("[R7, R13] a name that comes twice is an error of its document, in every way", async () => {
    const documents = [
      { _id: "twice", json: '{"a":1,"a":2}' },
      { _id: "once", json: '{"a":1}' },
    ];
    await storeText(ALIAS, "once", "{}");
    for (const answer of [
      await WRITERS.http!(documents),
      await http("PUT", `${BATCH}/_mUpdate`, { documents }),
    ]) {
      const { result } = JSON.parse(answer);
      should(result.successes).have.length(1);
      should(result.errors[0]).containEql({
        position: 0,
        code: "invalid",
        document: documents[0],
      });
    }
  });

  it("[R13] under a mask whole numbers survive, and decimals as doubles do", async () => {
    const json = '{"n":1306415010221662247,"p":1.10,"other":1}';
    await WRITERS.http!([{ _id: "masked", json }]);
    const answer = await http("POST", `${BATCH}/_batchGet?source=n,p`, {
      ids: ["masked"],
    });
    const [, source] = /"_source":(\{.*?\})/.exec(answer) ?? [];
    should(source).match(/"n":1306415010221662247[,}]/);
    should(source).match(/"p":1\.1[,}]/);
    should(source).not.match(/other/);
  });
});
