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

/** The name and the password of the administrator. */
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

  /** The same session, at another node of the cluster. */
  at({ url }: { readonly url: string }): KuzzleClient {
    return new KuzzleClient(url, this.token);
  }

  /** As the administrator, whom the first program on these engines makes. */
  static async logIn(url: string): Promise<KuzzleClient> {
    const anonymous = new KuzzleClient(url, "");
    // refused where there is one
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

  /** @param name the user's, and their password */
  async logInAs(name: string): Promise<KuzzleClient> {
    const anonymous = new KuzzleClient(this.url, "");
    const { jwt } = (await anonymous.ask({
      ...{ controller: "auth", action: "login", strategy: "local" },
      body: { username: name, password: name },
    })) as { jwt: string };
    return new KuzzleClient(this.url, jwt);
  }

  /** @throws when there is no answer in time */
  query(request: object, patienceMs?: number): Promise<Answer> {
    return this.send("/_query", JSON.stringify(request), { patienceMs });
  }

  /** @throws when there is no answer in time */
  async send(
    path: string,
    body: string,
    options?: SendOptions,
  ): Promise<Answer> {
    return JSON.parse(await this.text(path, body, options)) as Answer;
  }

  /** @throws when it has no end in time */
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

  /** @throws when it is refused */
  async ask(request: object): Promise<unknown> {
    const { error, result } = await this.query(request);
    assert.equal(error, null, JSON.stringify(error));
    return result;
  }

  /** @param body its mappings and settings */
  async createCollection(
    index: string,
    collection: string,
    body: object = {},
  ): Promise<void> {
    // refused where there is one
    await this.query({ controller: "index", action: "create", index });
    await this.ask({
      ...{ controller: "collection", action: "create" },
      ...{ index, collection, body },
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
    return this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
  }
}
