import type { SharedCache } from "../../lib/kuzzle/KuzzleServices";

/** The nodes' cache in memory. Values go through JSON, as they would. */
export class FakeCache implements SharedCache {
  readonly texts = new Map<string, string>();

  async get(key: string): Promise<unknown> {
    const text = this.texts.get(key);
    return text === undefined ? null : JSON.parse(text);
  }

  async set(key: string, value: object): Promise<void> {
    this.texts.set(key, JSON.stringify(value));
  }

  async addIfNew(key: string, value: object): Promise<boolean> {
    const isNew = !this.texts.has(key);
    if (isNew) {
      await this.set(key, value);
    }
    return isNew;
  }

  async remove(key: string): Promise<void> {
    this.texts.delete(key);
  }
}
