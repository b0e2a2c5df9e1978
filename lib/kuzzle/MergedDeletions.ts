/** Redis serves no other command while it deletes. */
const MAX_KEYS = 1_000;

interface Deletion {
  readonly keys: string[];
  readonly done: Promise<void>;
}

/**
 * Deletes cache keys, with one command for all that are passed in the same turn:
 * requests whose documents shared a call to the engine finish together.
 */
export class MergedDeletions {
  /** by slot */
  private readonly waiting = new Map<string, Deletion>();

  constructor(private readonly remove: (keys: string[]) => Promise<unknown>) {}

  /**
   * @param slot a command of a Redis cluster may only name keys of one slot
   * @returns when they are deleted
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
      // by then, the others of this turn have added their keys
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
