import type { CollectionDescription } from "../ports/DocumentStore";
import type { AskedWrite, ValidationError, WriteCommand } from "../commands";
import { groupBy } from "../groupBy";
import { validateMapping } from "./validateMapping";

/** What is known of a strict batch before it is sent. */
export interface ValidatedWrite {
  /**
   * what is wrong in its shape and what the mappings reject; with one of them, nothing
   * may be sent
   */
  readonly validationErrors: readonly ValidationError<AskedWrite>[];
  /** of each collection that its documents name */
  readonly collections: ReadonlyMap<string, CollectionDescription>;
}

/**
 * Validates a strict batch: the last step before it is sent, behind the hooks,
 * which may change documents.
 *
 * Each collection is described as the engine knows it now: with an older mapping, half
 * of a batch would be written that could have been rejected.
 *
 * @throws {EngineError}
 */
export async function validateWrite(
  {
    documents,
    validationErrors,
  }: Pick<WriteCommand, "documents" | "validationErrors">,
  describe: (collection: string) => Promise<CollectionDescription>,
): Promise<ValidatedWrite> {
  const groups = [...groupBy(documents, ({ collection }) => collection)];
  const described = await Promise.all(
    groups.map(async ([collection, own]) => {
      const description = await describe(collection);
      return { collection, own, description };
    }),
  );
  return {
    validationErrors: [
      ...validationErrors,
      ...described.flatMap(({ own, description }) =>
        validateMapping(own, description),
      ),
    ],
    collections: new Map(
      described.map(({ collection, description }) => [collection, description]),
    ),
  };
}
