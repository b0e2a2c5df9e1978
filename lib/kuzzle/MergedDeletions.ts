/** Redis does nothing else while it deletes. */
const MAX_KEYS = 1_000;

interface Deletion {
  readonly keys: string[];
  readonly done: Promise<void>;
}

/**
 * Deletes keys of a cache, with one command for all that are given in the same turn:
 * requests whose documents went to the engine in one call are over together.
 */
export class MergedDeletions {
  /** by slot */
  private readonly waiting = new Map<string, Deletion>();

  constructor(private readonly remove: (keys: string[]) => Promise<unknown>) {}

  /**
   * @param slot a command of a Redis cluster may only have keys of one slot
   * @returns when they are gone
   */
  delete(slot: string, keys: readonly string[]): Promise<void> {
    let deletion = this.waiting.get(slot);
    if (
      deletion === undefined ||
      deletion.keys.length + keys.length > MAX_KEYS
    ) {
      deletion = this.begin(slot);
    }
    deletion.keys.push(...keys);
    return deletion.done;
  }

  private begin(slot: string): Deletion {
    const keys: string[] = [];
    const deletion = {
      keys,
      // the others of this turn have been here by then
      done: Promise.resolve().then(async () => {
        if (this.waiting.get(slot) === deletion) {
          this.waiting.delete(slot);
        }
        await this.remove(keys);
      }),
    };
    this.waiting.set(slot, deletion);
    return deletion;
  }
}
