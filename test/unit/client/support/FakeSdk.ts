/**
 * A kuzzle-sdk without a network: requests go to an in-memory plugin that follows the
 * contract, and tests decide which of them are lost, and when.
 */
import assert from "node:assert/strict";

import type { Kuzzle } from "kuzzle-sdk";

import { BatchDocumentsController } from "../../../../client/index";
import type { Clock } from "../../../../client/transport/clock";
import type { SdkContext, SdkEvent } from "../../../../client/transport/sdk";
import type { ServerLimits } from "../../../../lib/types";
import { FakePlugin, type FakeRequest } from "./FakePlugin";

export const LIMITS: ServerLimits = {
  maxRequestBytes: 1024 * 1024,
  documentsFetchCount: 10_000,
  documentsWriteCount: 200,
  maxLookups: 100_000,
  maxResponseBytes: 64 * 1024 * 1024,
  atomicMaxDocuments: 1_000,
  atomicMaxBytes: 10 * 1024 * 1024,
};

/**
 * What happens to a request instead of its response. `execute` makes the server execute it,
 * whether or not the caller learns of it.
 */
export type Fault = (
  request: FakeRequest,
  execute: () => Promise<unknown>,
) => Promise<unknown>;

export class FakeSdk {
  connected = true;
  jwt: string | null;
  cookieAuthentication = false;
  autoReconnect = true;
  authenticator: (() => Promise<void>) | null = null;
  protocol = { state: "connected" };
  volatile: Record<string, unknown> = {};
  sdkName = "js@7.0.0";
  auth: any;
  /** as sent, except `batch:limits` */
  readonly requests: FakeRequest[] = [];
  /** as the SDK would send them over WebSocket, in bytes */
  readonly sizes: number[] = [];
  /** requests for the limits */
  limitsAsked = 0;
  /** the maximum number of concurrent requests */
  mostInFlight = 0;
  fault: Fault = (_request, execute) => execute();
  readonly plugin: FakePlugin;
  private inFlight = 0;
  private readonly listeners = new Map<string, ((c?: SdkContext) => void)[]>();

  constructor({
    limits = {},
    user = "alyx",
  }: { limits?: Partial<ServerLimits>; user?: string | null } = {}) {
    this.plugin = new FakePlugin({ ...LIMITS, ...limits });
    this.jwt = user;
    const jwt = (): string | null => this.jwt;
    this.auth = {
      get authenticationToken() {
        return jwt() === null ? null : { userId: jwt() };
      },
      checkToken: async () => ({ valid: true, kuid: this.cookieUser ?? "-1" }),
    };
  }

  /** of a session in a cookie */
  cookieUser: string | null = null;

  async authenticate(): Promise<void> {
    await this.authenticator?.();
  }

  on(event: SdkEvent, listener: (context?: SdkContext) => void): void {
    const known = this.listeners.get(event) ?? [];
    this.listeners.set(event, [...known, listener]);
  }

  emit(event: SdkEvent, context?: SdkContext): void {
    this.listeners.get(event)?.forEach((listener) => listener(context));
  }

  async query(
    given: FakeRequest,
    options: { queuable: boolean },
  ): Promise<unknown> {
    assert.equal(options.queuable, false);
    const request = JSON.parse(JSON.stringify(given)) as FakeRequest;
    const user = this.cookieAuthentication ? this.cookieUser : this.jwt;
    if (request.action === "limits") {
      this.limitsAsked += 1;
    } else {
      this.requests.push(request);
      this.sizes.push(this.sizeOf(request));
    }
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      return await this.fault(request, async () => {
        // so that requests overlap, and end in another order
        const turns =
          request.action === "limits" ? 0 : this.requests.length % 3;
        for (let i = 0; i <= turns; i++) await nextTurn();
        return { status: 200, result: this.plugin.run(request, user) };
      });
    } finally {
      this.inFlight -= 1;
    }
  }

  private sizeOf(request: FakeRequest): number {
    const id = "00000000-0000-0000-0000-000000000000";
    const { volatile, sdkName, jwt } = this;
    const sent = {
      ...request,
      requestId: id,
      volatile: { ...volatile, sdkInstanceId: id, sdkName },
      ...(jwt !== null && { jwt }),
    };
    return Buffer.byteLength(JSON.stringify(sent));
  }
}

/** The controller as `useController` creates it, with a clock that advances by itself. */
export function batchOn(
  sdk: FakeSdk,
  clock: Clock = fakeClock(),
): BatchDocumentsController {
  return new BatchDocumentsController(sdk as unknown as Kuzzle, clock);
}

/** Sleeping takes no time, but is recorded. */
export function fakeClock(): Clock & { sleeps: number[] } {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    random: () => 0.5,
    sleep: async (ms) => {
      sleeps.push(ms);
      now += ms;
      await nextTurn();
    },
  };
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** How the SDK rejects requests on a lost connection. */
export function networkError(): Error {
  return new Error(
    "Network error: request was sent but no response has been received",
  );
}
