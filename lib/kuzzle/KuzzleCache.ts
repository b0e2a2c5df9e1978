/** Kuzzle's own internal cache, which all nodes of a cluster share. */
export class KuzzleCache {
  constructor(
    private readonly ask: (
      event: string,
      ...args: unknown[]
    ) => Promise<unknown>,
  ) {}

  async get(key: string): Promise<unknown> {
    const text = await this.ask("core:cache:internal:get", key);
    return typeof text === "string" ? JSON.parse(text) : null;
  }

  async set(key: string, value: object, ttlMs: number): Promise<void> {
    await this.store(key, value, ttlMs, false);
  }

  addIfNew(key: string, value: object, ttlMs: number): Promise<boolean> {
    return this.store(key, value, ttlMs, true);
  }

  async remove(key: string): Promise<void> {
    await this.ask("core:cache:internal:del", [key]);
  }

  /** Milliseconds since the epoch, by the clock of Redis. */
  async time(): Promise<number> {
    const [seconds, microseconds] = (await this.ask(
      "core:cache:internal:execute",
      "time",
    )) as [seconds: string | number, microseconds: string | number];
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  }

  private async store(
    key: string,
    value: object,
    ttl: number,
    onlyIfNew: boolean,
  ): Promise<boolean> {
    return Boolean(
      await this.ask("core:cache:internal:store", key, JSON.stringify(value), {
        onlyIfNew,
        ttl,
      }),
    );
  }
}
