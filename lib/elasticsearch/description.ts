import type { Source } from "../types";
import type { CollectionDescription } from "../core/ports/DocumentStore";

/** The engine's description of an index. */
export interface EngineIndex {
  readonly aliases?: Readonly<Record<string, unknown>>;
  readonly mappings?: Source;
  readonly settings?: {
    readonly index?: {
      readonly uuid?: string;
      readonly default_pipeline?: string;
      readonly final_pipeline?: string;
      readonly mapping?: { readonly ignore_malformed?: string };
    };
  };
}

export function toDescription(found: EngineIndex): CollectionDescription {
  const settings = found.settings?.index ?? {};
  const pipelines = [settings.default_pipeline, settings.final_pipeline];

  return {
    uuid: settings.uuid ?? "",
    mappings: found.mappings ?? {},
    hasPipeline: pipelines.some(
      (name) => name !== undefined && name !== "_none",
    ),
    ignoreMalformed: settings.mapping?.ignore_malformed === "true",
  };
}
