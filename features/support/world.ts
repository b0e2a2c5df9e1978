import assert from "node:assert/strict";

import {
  type IWorldOptions,
  setWorldConstructor,
  World,
} from "@cucumber/cucumber";

import { assertInvariants } from "./invariants";
import {
  adminJwt,
  allowAnonymous,
  createCollection,
  releaseCollection,
  switchPipes,
} from "./kuzzle";
import { read } from "./notation";
import type { Subscriber } from "./subscriber";
import {
  type Answer,
  type KuzzleRequest,
  openTransport,
  type Protocol,
  type Transport,
} from "./transports";

const transports = new Map<Protocol, Promise<Transport>>();

export class BatchWorld extends World<{ protocol: Protocol }> {
  /** Tokens of the scenario's users; undefined is anonymous. */
  readonly users = new Map<string, string | undefined>();
  readonly remembered = new Map<string, unknown>();
  subscriber: Subscriber | null = null;
  anonymousWasAllowed = false;
  pipesAreOn = false;

  private jwt: string | undefined = adminJwt();
  private request: KuzzleRequest | null = null;
  private lastAnswer: Answer | null = null;
  private readonly collections = new Map<string, { isPlain: boolean }>();

  constructor(options: IWorldOptions<{ protocol: Protocol }>) {
    super(options);
    this.users.set("anonymous", undefined);
  }

  actAs(user: string): void {
    assert.ok(this.users.has(user), `Nobody said what "${user}" may do`);
    this.jwt = this.users.get(user);
  }

  read(text: string): unknown {
    return read(text, this.remembered);
  }

  /** Sends as the current user, over the profile's protocol. */
  async send(request: KuzzleRequest): Promise<void> {
    const { protocol } = this.parameters;
    const transport = await transportFor(protocol);

    this.request = request;
    this.accept(
      await transport.send(
        this.jwt === undefined ? request : { ...request, jwt: this.jwt },
      ),
    );
    if (request.controller === "batch") {
      assertInvariants(request, this.answer);
    }
  }

  accept(answer: Answer): void {
    this.lastAnswer = answer;
  }

  get token(): string | undefined {
    return this.jwt;
  }

  get lastRequest(): KuzzleRequest {
    assert.ok(this.request !== null, "Nothing was asked yet");

    return this.request;
  }

  get answer(): Answer {
    assert.ok(this.lastAnswer !== null, "Nothing was answered yet");

    return this.lastAnswer;
  }

  get result(): Record<string, unknown> {
    const { error, result } = this.answer;

    assert.equal(
      error,
      null,
      `Answered with an error: ${JSON.stringify({ ...error, stack: undefined })}`,
    );

    return result as Record<string, unknown>;
  }

  async needCollection(
    address: string,
    mappings?: unknown,
    settings?: unknown,
  ): Promise<void> {
    if (this.collections.has(address)) {
      return;
    }
    await createCollection(address, mappings, settings);
    this.collections.set(address, {
      isPlain: mappings === undefined && settings === undefined,
    });
  }

  async cleanUp(): Promise<void> {
    await this.subscriber?.close();
    if (this.pipesAreOn) {
      await switchPipes([]);
    }
    if (this.anonymousWasAllowed) {
      await allowAnonymous({});
    }
    for (const [address, { isPlain }] of this.collections) {
      await releaseCollection(address, isPlain);
    }
  }
}

function transportFor(protocol: Protocol): Promise<Transport> {
  const transport = transports.get(protocol) ?? openTransport(protocol);

  transports.set(protocol, transport);

  return transport;
}

export async function closeTransports(): Promise<void> {
  for (const transport of transports.values()) {
    await (await transport).close();
  }
}

setWorldConstructor(BatchWorld);
