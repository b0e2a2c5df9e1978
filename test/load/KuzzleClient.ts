/** A Kuzzle that a program in this folder started, called over HTTP. */
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

/** The administrator's name and password. */
export const ADMIN = "load-admin";

interface SendOptions {
  readonly method?: "POST" | "PUT";
  readonly patienceMs?: number | undefined;
}

export class KuzzleClient {
  private constructor(
    readonly url: string,
    /** of its session; empty for an anonymous user */
    readonly token: string,
  ) {}

  /** The same session on another node of the cluster. */
  at({ url }: { readonly url: string }): KuzzleClient {
    return new KuzzleClient(url, this.token);
  }

  /** As the administrator, created by the first program on these engines. */
  static async logIn(url: string): Promise<KuzzleClient> {
    const anonymous = new KuzzleClient(url, "");
    // rejected if there is one
    await anonymous.query({
      controller: "security",
      action: "createFirstAdmin",
      _id: ADMIN,
      body: {
        content: {},
        credentials: { local: { username: ADMIN, password: ADMIN } },
      },
    });
    return anonymous.logInAs(ADMIN);
  }

  /** @param name the user's name, which is also the password */
  async logInAs(name: string): Promise<KuzzleClient> {
    const anonymous = new KuzzleClient(this.url, "");
    const { jwt } = (await anonymous.ask({
      ...{ controller: "auth", action: "login", strategy: "local" },
      body: { username: name, password: name },
    })) as { jwt: string };
    return new KuzzleClient(this.url, jwt);
  }

  /** @throws if there is no response in time */
  query(request: object, patienceMs?: number): Promise<Answer> {
    return this.send("/_query", JSON.stringify(request), { patienceMs });
  }

  /** @throws if there is no response in time */
  async send(
    path: string,
    body: string,
    options?: SendOptions,
  ): Promise<Answer> {
    return JSON.parse(await this.text(path, body, options)) as Answer;
  }

  /** @throws if it does not end in time */
  async text(
    path: string,
    body: string,
    { method = "POST", patienceMs = 60_000 }: SendOptions = {},
  ): Promise<string> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...this.credentials },
      body,
      signal: AbortSignal.timeout(patienceMs),
    });
    return response.text();
  }

  /** @throws if it is rejected */
  async ask(request: object): Promise<unknown> {
    const { error, result } = await this.query(request);
    assert.equal(error, null, JSON.stringify(error));
    return result;
  }

  /** @param body mappings and settings */
  async createCollection(
    index: string,
    collection: string,
    body: object = {},
  ): Promise<void> {
    // rejected if it exists
    await this.query({ controller: "index", action: "create", index });
    await this.ask({
      ...{ controller: "collection", action: "create" },
      ...{ index, collection, body },
    });
  }

  /** The sum of a metric's samples with these labels. */
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
    return this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
  }
}
