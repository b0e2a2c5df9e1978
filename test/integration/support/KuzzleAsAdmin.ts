/** A Kuzzle that a test started itself, called as the suite's administrator. */
import should from "should";

import type { RunningKuzzle } from "../../../scripts/stack/kuzzle";
import { adminJwt } from "../../../features/support/kuzzle";
import type { Answer } from "../../../features/support/transports";
import { readSamples, valueOf } from "../../support/exposition";

export class KuzzleAsAdmin {
  constructor(private readonly kuzzle: RunningKuzzle) {}

  async query(request: object): Promise<Answer> {
    const response = await fetch(`${this.kuzzle.url}/_query`, {
      method: "POST",
      headers: { "content-type": "application/json", ...this.credentials },
      body: JSON.stringify(request),
    });
    return (await response.json()) as Answer;
  }

  /** For the preparations of a test. */
  async prepare(request: object): Promise<void> {
    const { error } = await this.query(request);
    should(error).be.null();
  }

  /** Creates it again if an aborted run has left one. */
  async createIndex(index: string): Promise<void> {
    await this.deleteIndex(index);
    await this.prepare({ controller: "index", action: "create", index });
  }

  async deleteIndex(index: string): Promise<void> {
    await this.query({ controller: "index", action: "delete", index });
  }

  async createCollection(index: string, collection: string): Promise<void> {
    await this.prepare({
      controller: "collection",
      action: "create",
      index,
      collection,
      body: { mappings: { dynamic: "true" } },
    });
  }

  /** The sum of a metric's samples with these labels. */
  async metric(
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const response = await fetch(`${this.kuzzle.url}/_/batch/metrics`, {
      headers: this.credentials,
    });
    return valueOf(readSamples(await response.text()), name, labels);
  }

  private get credentials(): Record<string, string> {
    return { authorization: `Bearer ${adminJwt()}` };
  }
}
