/** A part of the plugin that is there for speed alone. */
export interface FastPath {
  /** what it does */
  readonly title: string;
  /** where it is meant to help: ids of scenarios of many callers */
  readonly scenarios: readonly string[];
  /** to be called before the plugin starts */
  withoutIt(): void;
}

/** By the name that `--ablation` takes. */
export const PATHS: Readonly<Record<string, FastPath>>;
