import _ from "lodash";

import type { Source } from "../../types";
import type { SourceSelection } from "../commands";

/**
 * Leaves of a source what a selection asks for, as the engine does it where it
 * is asked itself: a pattern means the field and all below it, `*` stands for
 * any text, dots included, and an exclude wins over an include.
 *
 * Source: `XContentMapValues.filter` of Elasticsearch. A property test compares
 * the two.
 *
 * @returns undefined where no source is wanted
 */
export function maskSource(
  source: Source,
  selection: SourceSelection,
): Source | undefined {
  switch (selection.kind) {
    case "all":
      return source;
    case "none":
      return undefined;
    case "fields": {
      const includes =
        selection.includes.length > 0 ? selection.includes : ["*"];
      return maskObject(source, "", {
        includes: matcher(includes),
        excludes: matcher(selection.excludes),
        excludesBelow: prefixMatcher(selection.excludes),
      });
    }
  }
}

interface Masks {
  readonly includes: (path: string) => boolean;
  readonly excludes: (path: string) => boolean;
  /** whether an exclude might mean something below the path */
  readonly excludesBelow: (path: string) => boolean;
}

function maskObject(value: Source, prefix: string, masks: Masks): Source {
  // made of entries, since a field may be named __proto__
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const visible = maskValue(child, `${prefix}${name}`, masks);
      return visible === undefined ? [] : [[name, visible] as const];
    }),
  );
}

/** @returns undefined where nothing is left */
function maskValue(value: unknown, path: string, masks: Masks): unknown {
  if (masks.excludes(path)) {
    return undefined;
  }
  const isIncluded = masks.includes(path);
  // only then does the engine look into what is included, and change it
  if (isIncluded && !masks.excludesBelow(path)) {
    return value;
  }
  if (_.isPlainObject(value)) {
    const kept = maskObject(value as Source, `${path}.`, masks);
    return isIncluded || !_.isEmpty(kept) ? kept : undefined;
  }
  if (Array.isArray(value)) {
    const kept = maskArray(value, path, masks, isIncluded);
    return isIncluded || kept.length > 0 ? kept : undefined;
  }
  return isIncluded ? value : undefined;
}

/** What is empty in a list, or becomes so, is left out of it. */
function maskArray(
  values: readonly unknown[],
  path: string,
  masks: Masks,
  isIncluded: boolean,
): unknown[] {
  return values.flatMap((value): unknown[] => {
    if (_.isPlainObject(value)) {
      const kept = maskObject(value as Source, `${path}.`, masks);
      return _.isEmpty(kept) ? [] : [kept];
    }
    if (Array.isArray(value)) {
      const kept = maskArray(value, path, masks, isIncluded);
      return kept.length > 0 ? [kept] : [];
    }
    return isIncluded ? [value] : [];
  });
}

/** Whether one of the patterns might mean something below a path. */
function prefixMatcher(patterns: readonly string[]): (path: string) => boolean {
  return (path) => {
    const prefix = `${path}.`;
    return patterns.some((pattern) => {
      const [literal = "", ...rest] = pattern.split("*");
      return (
        literal.startsWith(prefix) ||
        (rest.length > 0 && prefix.startsWith(literal))
      );
    });
  };
}

/** Whether one of the patterns means a path, or something above it. */
function matcher(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.flatMap((pattern) => [pattern, `${pattern}.*`]);
  return (path) => all.some((pattern) => matchesGlob(pattern, path));
}

/**
 * `*` stands for any text. Goes back to the last `*` only, so that a pattern
 * full of them takes no more than the product of the lengths.
 */
function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;

  while (at < text.length) {
    if (pattern[inPattern] === "*") {
      star = inPattern++;
      starAt = at;
    } else if (pattern[inPattern] === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === "*") {
    inPattern++;
  }
  return inPattern === pattern.length;
}
