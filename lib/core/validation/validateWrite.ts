import type { CollectionDescription } from "../ports/DocumentStore";
import type { WriteInput } from "../../types";
import type { ValidationError, WriteCommand } from "../commands";
import { validateMapping } from "./validateMapping";

/**
 * Validates a strict batch: the last step before it is sent, behind the hooks,
 * which may change documents.
 *
 * @param description as the engine tells it now: with an older one, half of a
 *   batch would be written that could have been refused
 * @returns what is wrong in its shape and what the mapping refuses; with one of
 *   them, nothing may be sent
 */
export function validateWrite(
  {
    documents,
    validationErrors,
  }: Pick<WriteCommand, "documents" | "validationErrors">,
  description: CollectionDescription,
): ValidationError<WriteInput>[] {
  return [...validationErrors, ...validateMapping(documents, description)];
}
