/** A Kuzzle that a program in this folder has started, asked over HTTP. */
import assert from "node:assert/strict";

import { readSamples, valueOf } from "../support/exposition";

export interface Answer {
  readonly status: number;
  readonly error: {
    readonly id: string;
    readonly message: string;
    readonly errors?: readonly unknown[];
  } | null;
  readonly result: unknown;
}

const ADMIN = "load-admin";

export class KuzzleClient {
  private constructor(
    private readonly url: string,
    private jwt: string,
  ) {}

  /** As the administrator, whom the first program on these engines makes. */
  static async logIn(url: string): Promise<KuzzleClient> {
    const user = { username: ADMIN, password: ADMIN };
    const kuzzle = new KuzzleClient(url, "");
    // refused where there is one
    await kuzzle.query({
      controller: "security",
      action: "createFirstAdmin",
      _id: ADMIN,
      body: { content: {}, credentials: { local: user } },
    });
    const { jwt } = (await kuzzle.ask({
      controller: "auth",
      action: "login",
      strategy: "local",
      body: user,
    })) as { jwt: string };
    kuzzle.jwt = jwt;
    return kuzzle;
  }

  /** @throws when there is no answer in time */
  async query(request: object, patienceMs = 60_000): Promise<Answer> {
    const response = await fetch(`${this.url}/_query`, {
      method: "POST",
      headers: { "content-type": "application/json", ...this.credentials },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(patienceMs),
    });
    return (await response.json()) as Answer;
  }

  /** @throws when it is refused */
  async ask(request: object): Promise<unknown> {
    const { error, result } = await this.query(request);
    assert.equal(error, null, JSON.stringify(error));
    return result;
  }

  async createCollection(index: string, collection: string): Promise<void> {
    await this.query({ controller: "index", action: "create", index });
    await this.ask({
      controller: "collection",
      action: "create",
      index,
      collection,
      body: {},
    });
  }

  /** The sum of a metric's samples that have these labels. */
  async metric(
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const response = await fetch(`${this.url}/_/batch/metrics`, {
      headers: this.credentials,
    });
    return valueOf(readSamples(await response.text()), name, labels);
  }

  private get credentials(): Record<string, string> {
    return this.jwt === "" ? {} : { authorization: `Bearer ${this.jwt}` };
  }
}
