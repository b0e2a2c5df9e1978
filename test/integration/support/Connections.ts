/** An administrator's connections to one collection, over every protocol. */
import { randomUUID } from "node:crypto";

import { Http, Kuzzle, WebSocket as SdkWebSocket } from "kuzzle-sdk";
import { connectAsync, type MqttClient } from "mqtt";
import { WebSocket } from "ws";

import { useBatch, type BatchDocumentsController } from "../../../client/index";
import { environment, kuzzleUrl } from "../../../features/support/environment";
import { adminJwt } from "../../../features/support/kuzzle";

const PATIENCE_MS = 20_000;
const HEARTBEAT_MS = 10_000;

type Message = Record<string, unknown>;

export class Connections {
  private socket!: WebSocket;
  private heartbeat: NodeJS.Timeout | undefined;
  private mqtt!: MqttClient;
  private readonly sdks: Record<string, BatchDocumentsController> = {};
  private readonly opened: Kuzzle[] = [];
  private readonly waiting = new Map<string, (text: string) => void>();
  protected readonly path: string;
  protected readonly place: Message;

  constructor(
    protected readonly index: string,
    protected readonly collection: string,
  ) {
    this.path = `/_/batch/${index}/${collection}`;
    this.place = { controller: "batch", index, collection };
  }

  async open(): Promise<void> {
    const { kuzzleHost, kuzzlePort, mqttPort } = environment;
    this.socket = new WebSocket(`ws://${kuzzleHost}:${kuzzlePort}`);
    this.socket.on("message", (data: Buffer) => this.receive(data.toString()));
    await new Promise((resolve) => this.socket.once("open", resolve));
    // Kuzzle closes a connection that is silent for a minute, as while others are tested
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

  protected overSockets<Way>(
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

  /** Over WebSocket, once it is open. */
  protected get sdk(): BatchDocumentsController {
    return this.sdks.websocket!;
  }

  protected bySdks<Way>(
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
}
