/** Redis runs the script atomically. An empty string stands for no text. */
const REPLACE = `
  if redis.call("get", KEYS[1]) ~= ARGV[1] then
    return 0
  end
  if ARGV[2] == "" then
    redis.call("del", KEYS[1])
  else
    redis.call("set", KEYS[1], ARGV[2], "px", ARGV[3])
  end
  return 1
`;

/** Kuzzle's internal cache, which all nodes of a cluster share. */
export class KuzzleCache {
  constructor(
    private readonly ask: (
      event: string,
      ...args: unknown[]
    ) => Promise<unknown>,
  ) {}

  async read(key: string): Promise<string | null> {
    const text = await this.ask("core:cache:internal:get", key);
    return typeof text === "string" ? text : null;
  }

  async write(key: string, text: string, ttlMs: number): Promise<void> {
    await this.store(key, text, ttlMs, false);
  }

  /** @returns false if the key already exists */
  create(key: string, text: string, ttlMs: number): Promise<boolean> {
    return this.store(key, text, ttlMs, true);
  }

  /**
   * Compare-and-set.
   *
   * @param text null removes the key
   * @returns false if it holds something other than `expected`
   */
  async replace(
    key: string,
    expected: string,
    text: string | null,
    ttlMs: number,
  ): Promise<boolean> {
    return Boolean(
      await this.ask(
        "core:cache:internal:execute",
        "eval",
        REPLACE,
        1,
        key,
        expected,
        text ?? "",
        ttlMs,
      ),
    );
  }

  /** Milliseconds since the epoch, by Redis's clock. */
  async time(): Promise<number> {
    const [seconds, microseconds] = (await this.ask(
      "core:cache:internal:execute",
      "time",
    )) as [seconds: string | number, microseconds: string | number];
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  }

  private async store(
    key: string,
    text: string,
    ttl: number,
    onlyIfNew: boolean,
  ): Promise<boolean> {
    return Boolean(
      await this.ask("core:cache:internal:store", key, text, {
        onlyIfNew,
        ttl,
      }),
    );
  }
}
