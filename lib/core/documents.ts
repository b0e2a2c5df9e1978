/** The documents of responses, whose content may be text that is only passed on. */
import type * as answers from "../types";
import type { Content } from "./RawSource";

export type StoredDocument = answers.StoredDocument<Content>;
export type FoundDocument = answers.FoundDocument<Content>;
export type WrittenDocument = answers.WrittenDocument<Content>;
export type UpdatedDocument = answers.UpdatedDocument<Content>;
export type OperationResult = answers.OperationResult<Content>;
