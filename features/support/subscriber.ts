/** A subscriber of a collection: over WebSocket, whatever the protocol of the writer. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { splitAddress } from "./engine";
import { adminJwt, asAdmin } from "./kuzzle";
import { WebSocketTransport } from "./transports";

const PATIENCE_MS = 5_000;
const LAST = "the-last-one";

export interface Notification {
  type: string;
  event: string;
  result: { _id: string; [property: string]: unknown };
  [property: string]: unknown;
}

export class Subscriber {
  private readonly received: Notification[] = [];

  private constructor(
    private readonly transport: WebSocketTransport,
    private readonly address: string,
  ) {}

  static async to(address: string, filters: unknown = {}): Promise<Subscriber> {
    const transport = await WebSocketTransport.open();
    const subscriber = new Subscriber(transport, address);

    try {
      await subscriber.subscribe(filters);
    } catch (error) {
      await transport.close();
      throw error;
    }

    return subscriber;
  }

  private async subscribe(filters: unknown): Promise<void> {
    const [index, collection] = splitAddress(this.address);

    for (const body of [filters, { ids: { values: [LAST] } }]) {
      const { error, result } = await this.transport.send({
        controller: "realtime",
        action: "subscribe",
        index,
        collection,
        body,
        scope: "all",
        jwt: adminJwt(),
      });

      assert.equal(error, null, JSON.stringify(error));
      this.transport.listen(
        (result as { channel: string }).channel,
        (notification) => this.received.push(notification as Notification),
      );
    }
  }

  /** All document notifications so far: provokes one more, which is the last to arrive. */
  async notifications(): Promise<Notification[]> {
    const [index, collection] = splitAddress(this.address);
    const deadline = Date.now() + PATIENCE_MS;

    await asAdmin({
      controller: "realtime",
      action: "publish",
      index,
      collection,
      _id: LAST,
      body: {},
    });
    while (!this.received.some(isLast)) {
      assert.ok(
        Date.now() < deadline,
        `No notification at all from ${this.address}`,
      );
      await sleep(10);
    }

    return this.received.filter((notification) => !isLast(notification));
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}

function isLast(notification: Notification): boolean {
  return notification.result._id === LAST;
}
