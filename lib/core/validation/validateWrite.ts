import type { CollectionDescription } from "../ports/DocumentStore";
import type { AskedWrite, ValidationError, WriteCommand } from "../commands";
import { groupBy } from "../groupBy";
import { validateMapping } from "./validateMapping";

/** What is known about a strict batch before it is sent. */
export interface ValidatedWrite {
  /**
   * malformed documents and those that the mappings reject; if there is one, nothing
   * may be sent
   */
  readonly validationErrors: readonly ValidationError<AskedWrite>[];
  /** each collection that its documents name */
  readonly collections: ReadonlyMap<string, CollectionDescription>;
}

/**
 * Validates a strict batch. It is the last step before sending, after the hooks, which
 * may change documents.
 *
 * Each collection is described as the engine knows it now: with an outdated mapping,
 * half of a batch could be written that should have been rejected.
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
