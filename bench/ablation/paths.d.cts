/** A part of the plugin that exists only for speed. */
export interface FastPath {
  /** what it does */
  readonly title: string;
  /** where it is meant to help: ids of scenarios with many callers */
  readonly scenarios: readonly string[];
  /** call before the plugin starts */
  withoutIt(): void;
}

/** By the names that `--ablation` accepts. */
export const PATHS: Readonly<Record<string, FastPath>>;
