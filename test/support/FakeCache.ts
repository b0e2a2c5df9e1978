import type { SharedCache } from "../../lib/kuzzle/KuzzleServices";

/** The nodes' cache in memory. */
export class FakeCache implements SharedCache {
  readonly texts = new Map<string, string>();

  async read(key: string): Promise<string | null> {
    return this.texts.get(key) ?? null;
  }

  async create(key: string, text: string): Promise<boolean> {
    const isNew = !this.texts.has(key);
    if (isNew) {
      this.texts.set(key, text);
    }
    return isNew;
  }

  async replace(
    key: string,
    expected: string,
    text: string | null,
  ): Promise<boolean> {
    if (this.texts.get(key) !== expected) {
      return false;
    }
    if (text === null) {
      this.texts.delete(key);
    } else {
      this.texts.set(key, text);
    }
    return true;
  }
}
