/** All ways by which documents are written and read, and the text of each answer. */
import { randomUUID } from "node:crypto";

import { Http, Kuzzle, WebSocket as SdkWebSocket } from "kuzzle-sdk";
import { connectAsync, type MqttClient } from "mqtt";
import { WebSocket } from "ws";

import { useBatch, type BatchDocumentsController } from "../../../client/index";
import { environment, kuzzleUrl } from "../../../features/support/environment";
import { adminJwt } from "../../../features/support/kuzzle";
import { membersOf } from "../../../lib/core/validation/jsonObject";
import { ADMIN, run } from "../../load/import/command";

const PATIENCE_MS = 20_000;
const HEARTBEAT_MS = 10_000;

/** Runs of a property: fewer where each starts a process. */
const RUNS = { quick: 25, process: 2 };

export interface TextDocument {
  readonly _id: string;
  readonly json: string;
}

/** How a document's text stands in an answer: what has to be found in it. */
export type Shown = (document: TextDocument) => readonly string[];

const asSource: Shown = ({ json }) => [`"_source":${json},`];
const asLastSource: Shown = ({ json }) => [`"_source":${json}}`];
const asLastJson: Shown = ({ json }) => [`"json":${JSON.stringify(json)}}`];
const asJson: Shown = ({ json }) => [`"json":${JSON.stringify(json)},`];
/** The members of a document stand among others. */
const spread: Shown = ({ json }) =>
  [...membersOf(json)].map(
    ([name, value]) => `${JSON.stringify(name)}:${value}`,
  );
const notShown: Shown = () => [];

export interface Writer {
  readonly write: (documents: readonly TextDocument[]) => Promise<string>;
  readonly shown: Shown;
  readonly runs: number;
}

export interface Reader {
  readonly read: (ids: readonly string[]) => Promise<string>;
  readonly shown: Shown;
  readonly runs: number;
}

export interface Updater {
  readonly update: (documents: readonly TextDocument[]) => Promise<string>;
  /** of the text that is stored then */
  readonly shown: Shown;
  readonly runs: number;
}

type Message = Record<string, unknown>;

/** Connections of an administrator by every protocol, to one collection. */
export class ExactWays {
  private socket!: WebSocket;
  private heartbeat: NodeJS.Timeout | undefined;
  private mqtt!: MqttClient;
  private readonly sdks: Record<string, BatchDocumentsController> = {};
  private readonly opened: Kuzzle[] = [];
  private readonly waiting = new Map<string, (text: string) => void>();
  private readonly path: string;
  private readonly place: Message;

  constructor(
    private readonly index: string,
    private readonly collection: string,
  ) {
    this.path = `/_/batch/${index}/${collection}`;
    this.place = { controller: "batch", index, collection };
  }

  async open(): Promise<void> {
    const { kuzzleHost, kuzzlePort, mqttPort } = environment;
    this.socket = new WebSocket(`ws://${kuzzleHost}:${kuzzlePort}`);
    this.socket.on("message", (data: Buffer) => this.receive(data.toString()));
    await new Promise((resolve) => this.socket.once("open", resolve));
    // Kuzzle closes one that is silent for a minute, as others are tried meanwhile
    this.heartbeat = setInterval(() => this.socket.ping(), HEARTBEAT_MS);
    this.mqtt = await connectAsync(`mqtt://${kuzzleHost}:${mqttPort}`);
    this.mqtt.on("message", (_, payload) => this.receive(payload.toString()));
    await this.mqtt.subscribeAsync("Kuzzle/response");
    for (const [name, Protocol] of Object.entries({
      http: Http,
      websocket: SdkWebSocket,
    })) {
      const kuzzle = new Kuzzle(new Protocol(kuzzleHost, { port: kuzzlePort }));
      await kuzzle.connect();
      kuzzle.jwt = adminJwt();
      this.opened.push(kuzzle);
      this.sdks[name] = useBatch(kuzzle);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    this.socket.close();
    await this.mqtt.endAsync(true);
    this.opened.forEach((kuzzle) => kuzzle.disconnect());
  }

  readonly writers: Record<string, Writer> = {
    http: writer(asSource, (documents) => this.post("mWrite", { documents })),
    "http, strict": writer(asSource, (documents) =>
      this.post("mWrite?strict", { documents }),
    ),
    "http, atomic": writer(asSource, (documents) =>
      this.post("mWrite?atomic", { documents }),
    ),
    "http, as text": writer(asJson, (documents) =>
      this.post("mWrite?json", { documents }),
    ),
    "http, once more with its key": writer(asLastSource, async (documents) => {
      const action = `mWrite?idempotencyKey=${randomUUID()}`;
      await this.post(action, { documents });
      return this.post(action, { documents });
    }),
    "http, batchWrite": writer(asLastSource, (documents) =>
      this.post("batchWrite?source=true", operations("write", documents)),
    ),
    "http, batchWrite atomic": writer(asLastSource, (documents) =>
      this.post(
        "batchWrite?source=true&atomic",
        operations("write", documents),
      ),
    ),
    "http, batchWrite as text": writer(asLastJson, (documents) =>
      this.post("batchWrite?source=true&json", operations("write", documents)),
    ),
    ...this.overSockets((send) => ({
      "": writer(asSource, (documents) =>
        send({ ...this.place, action: "mWrite", body: { documents } }),
      ),
      ", batchWrite": writer(asLastSource, (documents) =>
        send({
          ...{ ...this.place, action: "batchWrite", source: true },
          body: operations("write", documents),
        }),
      ),
      ", as text": writer(asJson, (documents) =>
        send({
          ...{ ...this.place, action: "mWrite", json: true },
          body: { documents },
        }),
      ),
    })),
    ...this.bySdks((batch) =>
      writer(asJson, async (documents) => {
        const { successes } = await batch().mWrite(
          ...([this.index, this.collection, documents] as const),
          { numbers: "text" },
        );
        return texts(successes);
      }),
    ),
    "the command": byProcess(
      writer(notShown, (documents) => this.command("import", documents)),
    ),
  };

  readonly readers: Record<string, Reader> = {
    http: reader(asSource, (ids) => this.post("batchGet", { ids })),
    "http, pretty": reader(asSource, async (ids) =>
      (await this.post("batchGet?pretty", { ids })).replaceAll(
        '"_source": ',
        '"_source":',
      ),
    ),
    "http, as text": reader(asJson, (ids) =>
      this.post("batchGet?json", { ids }),
    ),
    "the whole index": reader(asSource, (ids) =>
      this.http("POST", `/_/batch/${this.index}/_batchGet`, { ids }),
    ),
    ndjson: reader(asSource, (ids) =>
      this.post("batchGet?format=ndjson", { ids }),
    ),
    "ndjson, as text": reader(asJson, (ids) =>
      this.post("batchGet?format=ndjson&json", { ids }),
    ),
    "Kuzzle 1": reader(asSource, (ids) =>
      this.http("POST", `/v1/${this.index}/${this.collection}/_mGet`, { ids }),
    ),
    Mixpeek: reader(spread, (document_ids) =>
      this.http("POST", `/v1/documents/batch-get?namespace=${this.index}`, {
        document_ids,
      }),
    ),
    ...this.overSockets((send) => ({
      "": reader(asSource, (ids) =>
        send({ ...this.place, action: "batchGet", body: { ids } }),
      ),
      ", as text": reader(asJson, (ids) =>
        send({
          ...{ ...this.place, action: "batchGet", json: true },
          body: { ids },
        }),
      ),
      ", Kuzzle 1": reader(asSource, (ids) =>
        send({
          ...{ ...this.place, controller: "batch/v1", action: "mGet" },
          body: { ids },
        }),
      ),
      ", Mixpeek": reader(spread, (document_ids) =>
        send({
          ...{ controller: "batch/documents", action: "batchGet" },
          ...{ namespace: this.index, body: { document_ids } },
        }),
      ),
    })),
    ...this.bySdks((batch) =>
      reader(asJson, async (ids) => {
        const { documents } = await batch().batchGet(this.index, ids, {
          ...{ collection: this.collection, numbers: "text" },
        });
        return texts(documents);
      }),
    ),
    ...Object.fromEntries(
      ["http", "websocket"].map((protocol) => [
        `the command over ${protocol}`,
        byProcess(reader(asSource, (ids) => this.commandGet(protocol, ids))),
      ]),
    ),
  };

  readonly updaters: Record<string, Updater> = {
    http: updater(asSource, (documents) =>
      this.http("PUT", `${this.path}/_mUpdate?source=true`, { documents }),
    ),
    ...Object.fromEntries(
      ["update", "replace", "createOrReplace"].map((name) => [
        `http, batchWrite ${name}`,
        updater(asLastSource, (documents) =>
          this.post("batchWrite?source=true", operations(name, documents)),
        ),
      ]),
    ),
    "http, as text": updater(asJson, (documents) =>
      this.http("PUT", `${this.path}/_mUpdate?source=true&json`, { documents }),
    ),
    ...this.overSockets((send) => ({
      "": updater(asSource, (documents) =>
        send({
          ...{ ...this.place, action: "mUpdate", source: true },
          body: { documents },
        }),
      ),
      ", as text": updater(asJson, (documents) =>
        send({
          ...{ ...this.place, action: "mUpdate", source: true, json: true },
          body: { documents },
        }),
      ),
    })),
    ...this.bySdks((batch) =>
      updater(asJson, async (documents) => {
        const { successes } = await batch().mUpdate(
          ...([this.index, this.collection, documents] as const),
          { numbers: "text", source: true },
        );
        return texts(successes);
      }),
    ),
    "the command": byProcess(
      updater(notShown, (documents) => this.command("update", documents)),
    ),
  };

  async http(method: string, path: string, body: unknown): Promise<string> {
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

  post(action: string, body: unknown): Promise<string> {
    return this.http("POST", `${this.path}/_${action}`, body);
  }

  private overSockets<Way>(
    ways: (send: (message: Message) => Promise<string>) => Record<string, Way>,
  ): Record<string, Way> {
    const senders: Record<string, (text: string) => void> = {
      websocket: (text) => this.socket.send(text),
      mqtt: (text) => this.mqtt.publish("Kuzzle/request", text),
    };
    return Object.fromEntries(
      Object.entries(senders).flatMap(([protocol, send]) =>
        Object.entries(ways((message) => this.answerTo(message, send))).map(
          ([name, way]) => [`${protocol}${name}`, way],
        ),
      ),
    );
  }

  private bySdks<Way>(
    way: (batch: () => BatchDocumentsController) => Way,
  ): Record<string, Way> {
    return Object.fromEntries(
      ["http", "websocket"].map((protocol) => [
        `the client over ${protocol}`,
        way(() => this.sdks[protocol]!),
      ]),
    );
  }

  private answerTo(
    message: Message,
    send: (text: string) => void,
  ): Promise<string> {
    const requestId = randomUUID();
    return new Promise<string>((resolve, reject) => {
      setTimeout(reject, PATIENCE_MS, new Error("no answer")).unref();
      this.waiting.set(requestId, resolve);
      send(JSON.stringify({ ...message, jwt: adminJwt(), requestId }));
    });
  }

  private receive(text: string): void {
    for (const [requestId, resolve] of this.waiting) {
      if (text.includes(`"${requestId}"`)) {
        this.waiting.delete(requestId);
        resolve(text);
      }
    }
  }

  /** Rows as they stand in a file. */
  private async command(
    name: "import" | "update",
    documents: readonly TextDocument[],
  ): Promise<string> {
    const rows = documents.map(
      ({ _id, json }) => `{"_id":"${_id}","body":${json}}\n`,
    );
    const { stderr } = await run(
      [name, this.index, this.collection],
      ADMIN,
      rows.join(""),
    );
    return stderr;
  }

  private async commandGet(
    protocol: string,
    ids: readonly string[],
  ): Promise<string> {
    const { stdout, stderr } = await run(
      ["get", this.index, this.collection, "--protocol", protocol],
      ADMIN,
      ids.map((id) => `${id}\n`).join(""),
    );
    return `${stdout}${stderr}`;
  }
}

/** Of batchWrite, one for each document. */
function operations(name: string, documents: readonly TextDocument[]): object {
  return { operations: documents.map((each) => ({ [name]: each })) };
}

function writer(shown: Shown, write: Writer["write"]): Writer {
  return { shown, write, runs: RUNS.quick };
}

function reader(shown: Shown, read: Reader["read"]): Reader {
  return { shown, read, runs: RUNS.quick };
}

function updater(shown: Shown, update: Updater["update"]): Updater {
  return { shown, update, runs: RUNS.quick };
}

function byProcess<Way>(way: Way): Way {
  return { ...way, runs: RUNS.process };
}

/** As they stand in the answer that the client was given. */
function texts(documents: readonly { readonly json?: string }[]): string {
  return documents
    .map(({ json }) => `"json":${JSON.stringify(json)},`)
    .join("\n");
}
