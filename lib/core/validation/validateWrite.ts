import _ from "lodash";

import type { CollectionDescription } from "../ports/DocumentStore";
import type { AskedWrite, ValidationError, WriteCommand } from "../commands";
import { groupBy } from "../groupBy";
import { validateMapping } from "./validateMapping";

/** By collection, what the engine knows of it. */
export type Descriptions = ReadonlyMap<string, CollectionDescription>;

/**
 * Of each collection of a batch, as the engine tells it now: with an older one, half
 * of a batch would be written that could have been rejected.
 *
 * @throws {EngineError}
 */
export async function describeAll(
  { documents }: Pick<WriteCommand, "documents">,
  describe: (collection: string) => Promise<CollectionDescription>,
): Promise<Descriptions> {
  const collections = _.uniq(documents.map(({ collection }) => collection));
  const described = await Promise.all(collections.map(describe));
  return new Map(
    _.zip(collections, described) as Array<[string, CollectionDescription]>,
  );
}

/**
 * Validates a strict batch: the last step before it is sent, behind the hooks,
 * which may change documents.
 *
 * @returns what is wrong in its shape and what the mappings reject; with one of
 *   them, nothing may be sent
 */
export function validateWrite(
  {
    documents,
    validationErrors,
  }: Pick<WriteCommand, "documents" | "validationErrors">,
  descriptions: Descriptions,
): ValidationError<AskedWrite>[] {
  const byCollection = groupBy(documents, ({ collection }) => collection);
  return [
    ...validationErrors,
    ...[...byCollection].flatMap(([collection, own]) =>
      validateMapping(
        own,
        descriptions.get(collection) as CollectionDescription,
      ),
    ),
  ];
}
